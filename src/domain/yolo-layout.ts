import { counted } from './counted.ts'
import type { PictureSize } from './frame.ts'

/** Layouts of a YOLO detector's output: v8 `[1, 4+classes, N]`, v5 `[1, N, 5+classes]`, end-to-end `[1, N, 6]`. */
export const yoloLayouts = ['v8', 'v5', 'end-to-end'] as const
export type YoloLayout = (typeof yoloLayouts)[number]

export type RecognisedLayout =
  | { readonly layout: YoloLayout; readonly classes: number | undefined }
  /** Why the shape is no detector's, or could be more than one; for people. */
  | { readonly reason: string }

/**
 * What a file's metadata tell of its exporter. `ultralytics`: the package, none of whose exports is v5 as we call it; `suppressing`: they say that
 * suppression is in the model; `rt-detr`: the package, and its model that is no YOLO.
 */
export type Exporter = 'unknown' | 'ultralytics' | 'suppressing' | 'rt-detr'

/**
 * Which layout a detector's output has, judged by its shape, the size of its input, the number of labels, where that is known, and its exporter.
 *
 * v8 is also that of v9, v11 and v12; v5 that of v6 and v7; end-to-end that of v10, and of any that was exported with its suppression.
 */
export function recogniseLayout(
  dims: readonly number[],
  input: PictureSize,
  labelCount?: number,
  exporter: Exporter = 'unknown',
): RecognisedLayout {
  const shape = `[${dims.join(', ')}]`
  if (exporter === 'rt-detr') {
    // Centre and sides in shares, and a score for each label: of two labels as wide as an end-to-end output.
    return {
      reason: `its metadata says that it is RT-DETR, whose output of shape ${shape} has a layout that is not read; export a YOLO`,
    }
  }
  const [batch, rows, columns] = dims
  if (dims.length === 2 && batch !== 1 && rows === 7) {
    return {
      reason: `its output has the shape ${shape}, as v7 has it with its suppression; export it without (\`--end2end\`)`,
    }
  }
  if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) {
    return { reason: `its output has the shape ${shape}; a detector's has three dimensions, the first of them 1` }
  }
  const fits: YoloLayout[] = []
  if (labelCount === undefined ? rows > 4 && rows < columns : rows === 4 + labelCount) fits.push('v8')
  if (columns === 6) fits.push(...layoutsOfSix(rows, input, labelCount ?? 1, exporter))
  else if (exporter === 'unknown') {
    // Of exporters that have no v5, such rows are corners, score, class and an angle, a mask or points.
    if (labelCount === undefined ? columns > 5 && columns < rows : columns === 5 + labelCount) fits.push('v5')
  }

  const [layout] = fits
  if (layout === undefined && columns === 6) {
    return {
      reason: `its output has the shape ${shape}, a row for each cell of its grids, so that it is not suppressed; ${expected(labelCount, exporter)}. If it is end-to-end all the same, say so in the configuration (\`layout\`)`,
    }
  }
  if (layout === undefined) return { reason: `its output has the shape ${shape}; ${expected(labelCount, exporter)}` }
  if (fits.length > 1) {
    return {
      reason: `its output of shape ${shape} could be ${fits.join(' or ')}: say which in the configuration (\`layout\`)`,
    }
  }
  return { layout, classes: layoutClasses(layout, rows, columns) }
}

/** So many detections end-to-end heads give, unless they are told another number. */
const usualMost = [100, 300]

/**
 * `[1, N, 6]` is end-to-end, and with one label v5 as well. A head that is not suppressed has one or three candidates in each cell of its grids, and the
 * size of the input says how many cells there are. With two labels it may be v8 with rows and columns changed over, with any a row of corners,
 * score and class for each cell: those are no layouts of ours.
 */
function layoutsOfSix(rows: number, input: PictureSize, labelCount: number, exporter: Exporter): YoloLayout[] {
  const isRaw = isOfGrids(rows, input, labelCount === 1 ? [...grids, tinyGrid] : grids)
  if (exporter === 'suppressing' || !isRaw) return ['end-to-end']
  const isUsual = usualMost.includes(rows)
  if (labelCount === 1 && exporter === 'unknown') return isUsual ? ['v5', 'end-to-end'] : ['v5']
  return isUsual || (exporter === 'ultralytics' && labelCount !== 2) ? ['end-to-end'] : []
}

/** How many classes an output of that layout has; an end-to-end output doesn't tell. */
export function layoutClasses(layout: YoloLayout, rows: number, columns: number): number | undefined {
  switch (layout) {
    case 'v8':
      return rows - 4
    case 'v5':
      return columns - 5
    case 'end-to-end':
      return undefined
  }
}

/** How many pixels of the input a cell of each grid is wide: of most models, of large ones, of those for small things. */
const grids = [
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
]
/** Of tiny ones, which are all of v5's kind. */
const tinyGrid = [16, 32]

/** v6 has one candidate in each cell, v5 and v7 have three. */
const isOfGrids = (count: number, { width, height }: PictureSize, of: readonly (readonly number[])[]): boolean =>
  of
    .map((strides) => strides.reduce((sum, stride) => sum + Math.ceil(width / stride) * Math.ceil(height / stride), 0))
    .some((cells) => count === cells || count === 3 * cells)

function expected(labelCount: number | undefined, exporter: Exporter): string {
  const ofLabels = (others: number): string =>
    labelCount === undefined ? `${others}+classes` : `${others + labelCount}`
  const v5 = exporter === 'unknown' ? `, [1, N, ${ofLabels(5)}] (v5)` : ''
  const given = labelCount === undefined ? '' : `with ${counted(labelCount, 'label')} `
  return `${given}expected [1, ${ofLabels(4)}, N] (v8)${v5} or [1, N, 6] (end-to-end)`
}

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
 * Which layout a detector's output has, judged by its shape, the size of its input and the number of labels, where that is known.
 *
 * v8 is also that of v9, v11 and v12; v5 that of v6 and v7; end-to-end that of v10, and of any that was exported with its suppression.
 *
 * `[1, N, 6]` with one label is v5 as well as end-to-end. A v5 head has one or three candidates in each cell of its grids, and the size of the input says
 * how many cells there are; end-to-end heads give round numbers such as 100 or 300.
 */
export function recogniseLayout(dims: readonly number[], input: PictureSize, labelCount?: number): RecognisedLayout {
  const shape = `[${dims.join(', ')}]`
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
  if (columns === 6 && !(labelCount === 1 && isOfGrids(rows, input))) fits.push('end-to-end')
  else if (labelCount === undefined ? columns > 5 && columns < rows : columns === 5 + labelCount) fits.push('v5')

  const [layout] = fits
  if (layout === undefined) return { reason: `its output has the shape ${shape}; ${expected(labelCount)}` }
  if (fits.length > 1) {
    return { reason: `its output of shape ${shape} could be ${fits.join(' or ')}: say which in the configuration` }
  }
  return { layout, classes: layoutClasses(layout, rows, columns) }
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

/** How many pixels of the input a cell of each grid is wide: of most models, of large ones, of those for small things, of tiny ones. */
const grids = [
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
  [16, 32],
]

/** v6 has one candidate in each cell, v5 and v7 have three. */
const isOfGrids = (count: number, { width, height }: PictureSize): boolean =>
  grids
    .map((strides) => strides.reduce((sum, stride) => sum + Math.ceil(width / stride) * Math.ceil(height / stride), 0))
    .some((cells) => count === cells || count === 3 * cells)

function expected(labelCount: number | undefined): string {
  if (labelCount === undefined)
    return 'expected [1, 4+classes, N] (v8), [1, N, 5+classes] (v5) or [1, N, 6] (end-to-end)'
  return `with ${counted(labelCount, 'label')} expected [1, ${4 + labelCount}, N] (v8), [1, N, ${5 + labelCount}] (v5) or [1, N, 6] (end-to-end)`
}

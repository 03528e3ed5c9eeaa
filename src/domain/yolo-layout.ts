import type { YoloLayout } from './yolo-output.ts'

export type RecognisedLayout =
  | { readonly layout: YoloLayout; readonly classes: number | undefined }
  /** Why the shape is no detector's, or could be more than one; for people. */
  | { readonly reason: string }

/**
 * Which layout a detector's output has, judged by its shape and the number of labels, where that is known.
 *
 * `[1, N, 6]` with one label is v5 as well as end-to-end. A v5 head has three anchors in each cell of its grids of stride 8, 16
 * and 32 (and 64), so its N is a multiple of 63 (or of 255); end-to-end heads give round numbers such as 100 or 300.
 */
export function recogniseLayout(dims: readonly number[], labelCount?: number): RecognisedLayout {
  const shape = `[${dims.join(', ')}]`
  const [batch, rows, columns] = dims
  if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) {
    return { reason: `its output has the shape ${shape}; a detector's has three dimensions, the first of them 1` }
  }
  const fits: YoloLayout[] = []
  if (labelCount === undefined ? rows > 4 && rows < columns : rows === 4 + labelCount) fits.push('v8')
  if (columns === 6 && !(labelCount === 1 && fromGrids(rows))) fits.push('end-to-end')
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

const fromGrids = (count: number): boolean => count % 63 === 0 || count % 255 === 0

function expected(labelCount: number | undefined): string {
  if (labelCount === undefined)
    return 'expected [1, 4+classes, N] (v8), [1, N, 5+classes] (v5) or [1, N, 6] (end-to-end)'
  return `with ${labelCount} labels expected [1, ${4 + labelCount}, N] (v8), [1, N, ${5 + labelCount}] (v5) or [1, N, 6] (end-to-end)`
}

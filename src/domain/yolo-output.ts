import type { Box } from './fitting.ts'
import { suppress } from './non-maximum-suppression.ts'

/** Layouts of a YOLO detector's output: v8 `[1, 4+classes, N]`, v5 `[1, N, 5+classes]`, end-to-end `[1, N, 6]`. */
export type YoloLayout = 'v8' | 'v5' | 'end-to-end'

/** A box in the pixels of the model's input, its class and its score. */
export interface RawDetection extends Box {
  readonly classIndex: number
  readonly score: number
}

export interface YoloThresholds {
  /** Candidates below it are left out; 0..1. */
  readonly scoreThreshold: number
  /** Of two boxes of one class whose intersection over union is above it, the one with the lesser score goes; 0..1. */
  readonly iouThreshold: number
  /** The best so many are kept; 300 if not given, as Ultralytics does. */
  readonly maxDetections?: number
}

/** Of more candidates above the threshold only the best so many are compared: suppression is quadratic. */
const maxCandidates = 4096

/**
 * The boxes in a detector's output, the best first.
 *
 * v8: cx, cy, width, height and one score for each class, channel by channel. v5: cx, cy, width, height, objectness and one
 * score for each class; a detection's score is objectness times class. Both take their best class and are suppressed class by
 * class. End-to-end: left, top, right, bottom, score, class; the model has done the suppression. Boxes without area are left out.
 *
 * @throws {RangeError} the output doesn't have that shape, or holds a NaN or an infinity where a detection would be: such an
 * output says nothing about the picture, least of all that nothing is in it.
 */
export function decodeYolo(
  output: Float32Array,
  dims: readonly number[],
  layout: YoloLayout,
  thresholds: YoloThresholds,
): RawDetection[] {
  const [batch, rows, columns] = dims
  if (dims.length !== 3 || batch !== 1 || rows === undefined || columns === undefined) {
    throw new RangeError(`expected a shape of [1, rows, columns], found [${dims.join(', ')}]`)
  }
  if (output.length !== rows * columns) {
    throw new RangeError(`a shape of [${dims.join(', ')}] has ${rows * columns} values, found ${output.length}`)
  }
  const found = decoders[layout](output, rows, columns, thresholds.scoreThreshold)
  found.sort((a, b) => b.score - a.score)
  if (found.length > maxCandidates) found.length = maxCandidates
  const most = thresholds.maxDetections ?? 300
  return layout === 'end-to-end' ? found.slice(0, most) : suppress(found, thresholds.iouThreshold, most)
}

type Decoder = (output: Float32Array, rows: number, columns: number, threshold: number) => RawDetection[]

const decoders: Readonly<Record<YoloLayout, Decoder>> = {
  v8(output, rows, count, threshold) {
    if (rows < 5) throw new RangeError(`a v8 output has 4 rows and one for each class, found ${rows}`)
    // Channel by channel, as it lies in memory; candidate by candidate would miss the cache at every step.
    const best = output.slice(4 * count, 5 * count)
    const bestClass = new Int32Array(count)
    for (let row = 5; row < rows; row++) {
      const start = row * count
      for (let at = 0; at < count; at++) {
        const score = output[start + at] as number
        // Written so that a NaN takes the place and stays there.
        if (!(score <= (best[at] as number)) && !Number.isNaN(best[at])) {
          best[at] = score
          bestClass[at] = row - 4
        }
      }
    }
    const found: RawDetection[] = []
    for (let at = 0; at < count; at++) {
      const score = best[at] as number
      if (score < threshold) continue
      const centre = (row: number): number => output[row * count + at] as number
      add(found, centred(centre(0), centre(1), centre(2), centre(3)), bestClass[at] as number, score)
    }
    return found
  },

  v5(output, _count, columns, threshold) {
    if (columns < 6) throw new RangeError(`a v5 output has 5 columns and one for each class, found ${columns}`)
    const found: RawDetection[] = []
    for (let start = 0; start < output.length; start += columns) {
      const value = (column: number): number => output[start + column] as number
      const objectness = value(4)
      if (objectness < threshold) continue
      let best = 5
      for (let column = 6; column < columns; column++) {
        if (!(value(column) <= value(best)) && !Number.isNaN(value(best))) best = column
      }
      const score = objectness * value(best)
      if (score < threshold) continue
      add(found, centred(value(0), value(1), value(2), value(3)), best - 5, score)
    }
    return found
  },

  'end-to-end'(output, _count, columns, threshold) {
    if (columns !== 6) throw new RangeError(`an end-to-end output has 6 columns, found ${columns}`)
    const found: RawDetection[] = []
    for (let start = 0; start < output.length; start += 6) {
      const value = (column: number): number => output[start + column] as number
      if (value(4) < threshold) continue
      const [left, top, classIndex] = [value(0), value(1), value(5)]
      add(found, { x: left, y: top, width: value(2) - left, height: value(3) - top }, Math.round(classIndex), value(4))
    }
    return found
  },
}

const centred = (x: number, y: number, width: number, height: number): Box => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
})

function add(found: RawDetection[], box: Box, classIndex: number, score: number): void {
  const { x, y, width, height } = box
  if (![x, y, width, height, classIndex, score].every(Number.isFinite)) {
    throw new RangeError(
      `a candidate is not a number: box ${x}, ${y}, ${width}, ${height}, class ${classIndex}, score ${score}`,
    )
  }
  if (width > 0 && height > 0) found.push({ x, y, width, height, classIndex, score })
}

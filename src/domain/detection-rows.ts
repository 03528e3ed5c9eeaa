import type { Box } from './fitting.ts'
import { isLikelihood } from './likelihood.ts'

/** A box in the pixels of the model's input, its class and its score. */
export interface RawDetection extends Box {
  readonly classIndex: number
  readonly score: number
}

/** The best so many are kept, as Ultralytics does. */
export const mostDetections = 300

/**
 * The boxes in an end-to-end output `[1, N, 6]`, each row left, top, right, bottom, score and class; the best first. Those below the threshold and those
 * without area are left out.
 *
 * @throws {RangeError} the output doesn't have that shape, or holds a NaN, an infinity or a part of a class where a detection would be, or
 * a score that is no probability: such an output says nothing about the picture, least of all that nothing is in it.
 */
export function readDetectionRows(
  output: Float32Array,
  dims: readonly number[],
  scoreThreshold: number,
): RawDetection[] {
  const [batch, rows = 0, columns] = dims
  if (dims.length !== 3 || batch !== 1 || columns !== 6 || output.length !== rows * columns) {
    throw new RangeError(`expected a shape of [1, N, 6], found [${dims.join(', ')}] with ${output.length} values`)
  }
  const found: RawDetection[] = []
  for (let start = 0; start < output.length; start += columns) {
    const row = output.subarray(start, start + columns)
    const [left = NaN, top = NaN, right = NaN, bottom = NaN, score = NaN, classIndex = NaN] = row
    // Written so that a score of NaN is looked at.
    if (score < scoreThreshold) continue
    if (!row.every(Number.isFinite)) {
      throw new RangeError(
        `a candidate is not a number: left ${left}, top ${top}, right ${right}, bottom ${bottom}, score ${score}, class ${classIndex}`,
      )
    }
    if (!isLikelihood(score)) {
      throw new RangeError(
        `the score of a detection is ${score}; expected 0 to 1. If it is a logit, export the model with its sigmoid`,
      )
    }
    if (!isClass(classIndex)) throw new RangeError(`the class of a detection is ${classIndex}; ${classExpected}`)
    const [width, height] = [right - left, bottom - top]
    if (width > 0 && height > 0)
      found.push({ x: left, y: top, width, height, classIndex: Math.round(classIndex), score: Math.min(1, score) })
  }
  return found.sort((a, b) => b.score - a.score).slice(0, mostDetections)
}

/** Whether it is a whole number, but for what it was rounded on its way. */
const isClass = (value: number): boolean => Math.abs(value - Math.round(value)) <= 0.001

const classExpected = 'expected a whole number, as an end-to-end output has it'

/** Why an output of that shape has another layout, judged by all of its rows, of whatever score: their classes; `undefined`: it is end-to-end. */
export function faultOfClasses(output: Float32Array): string | undefined {
  const odd = output.find((value, at) => at % 6 === 5 && Number.isFinite(value) && !isClass(value))
  return odd === undefined
    ? undefined
    : `its output has a row whose class is ${odd}; ${classExpected}. RT-DETR of two labels has the same shape, and is not read; export a YOLO`
}

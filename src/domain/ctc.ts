import { isLikelihood } from './likelihood.ts'

/** What a recogniser read. */
export interface ReadText {
  readonly text: string
  /** The mean likelihood of its characters, 0..1; 0 where there are none. */
  readonly score: number
}

/**
 * Reads the output of a recogniser that was trained by CTC, greedily: at each step the likeliest class; what repeats is one character, and class 0 is none.
 *
 * `characters[i]` is that of class `i + 1`.
 *
 * @throws {RangeError} the output has another number of classes, or what stands for a likelihood is none.
 */
export function decodeCtc(output: Float32Array, dims: readonly number[], characters: readonly string[]): ReadText {
  const [batch, steps = 0, classes = 0] = dims
  if (dims.length !== 3 || batch !== 1 || classes !== characters.length + 1 || output.length !== steps * classes) {
    throw new RangeError(
      `expected a shape of [1, steps, ${characters.length + 1}], found [${dims.join(', ')}] with ${output.length} values`,
    )
  }
  let text = ''
  let count = 0
  let total = 0
  let last = 0
  for (let step = 0; step < steps; step++) {
    const start = step * classes
    let best = 0
    for (let at = 1; at < classes; at++) {
      const highest = output[start + best] as number
      // Written so that a NaN takes the place and stays there.
      if (!((output[start + at] as number) <= highest) && !Number.isNaN(highest)) best = at
    }
    const likelihood = output[start + best] as number
    if (!isLikelihood(likelihood)) {
      throw new RangeError(`step ${step} has the likelihood ${likelihood}; expected 0 to 1`)
    }
    if (best !== 0 && best !== last) {
      text += characters[best - 1] ?? ''
      total += likelihood
      count++
    }
    last = best
  }
  return { text, score: count === 0 ? 0 : Math.min(1, total / count) }
}

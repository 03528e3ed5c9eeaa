import type { LabelScore } from '../../domain/inspection.ts'
import type { ScoreScale } from '../../domain/score-scale.ts'

/** Of a softmax whose output is bytes: each score may be a step of 1/256 off. */
const step = 1 / 256
/** With so many labels that all of it could be lost in steps, the sum tells nothing. */
const mostOff = 0.5

/**
 * Judges by one output of the model. It is judged once, at the start, and not frame by frame: some logits look like probabilities. `undefined`: they do
 * here, or they are probabilities of labels that don't exclude one another.
 */
export function scaleOf(scores: Float32Array): ScoreScale | undefined {
  if (scores.some(isOutside)) return 'logits'
  const total = scores.reduce((sum, score) => sum + score, 0)
  return Math.abs(total - 1) <= Math.min(scores.length * step, mostOff) ? 'probabilities' : undefined
}

/**
 * Each label's score in 0..1, the best first.
 *
 * @throws {RangeError} a score is not a number, or no probability in a model that gives probabilities.
 */
export function classScores(scores: Float32Array, labels: readonly string[], scale: ScoreScale): LabelScore[] {
  const shares = sharesOf[scale](scores)
  return labels
    .map((label, index) => {
      const score = shares[index]
      if (score === undefined || Number.isNaN(score) || isOutside(score)) {
        throw new RangeError(`the score of ${label} is ${scores[index]}; expected ${expected[scale]}`)
      }
      return { label, score: Math.min(Math.max(score, 0), 1) }
    })
    .sort((a, b) => b.score - a.score)
}

const expected: Readonly<Record<ScoreScale, string>> = {
  probabilities: '0 to 1. If they are logits, say so in the configuration (`scores`)',
  logits: 'a number',
  'independent-logits': 'a number',
}

/** Of what a probability can be, with room for the last digit of a float32. */
const isOutside = (score: number): boolean => score < -1e-5 || score > 1 + 1e-5

const sharesOf: Readonly<Record<ScoreScale, (scores: Float32Array) => ArrayLike<number>>> = {
  probabilities: (scores) => scores,
  // A softmax of one label would be 1 whatever is seen.
  logits: (scores) => (scores.length === 1 ? sigmoids(scores) : softmax(scores)),
  'independent-logits': sigmoids,
}

/** Each against none of it, whose logit is 0. */
function sigmoids(logits: Float32Array): ArrayLike<number> {
  return Array.from(logits, (logit) => softmax(Float32Array.of(logit, 0))[0] as number)
}

function softmax(logits: Float32Array): Float64Array {
  // Relative to the largest, so that no exponential overflows.
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity)
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

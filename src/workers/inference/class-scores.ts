import type { LabelScore } from '../../domain/inspection.ts'

/** Whether a classifier's numbers are probabilities already, or logits that still want a softmax. */
export type ScoreScale = 'probabilities' | 'logits'

/**
 * Judges by one output of the model. It is judged once, at the start, and not frame by frame: some logits look like probabilities.
 *
 * A classifier with one label cannot have been through a softmax, which would make it say 1 whatever it sees.
 */
export function scaleOf(scores: Float32Array): ScoreScale {
  if (!scores.every(isProbability)) return 'logits'
  const total = scores.reduce((sum, score) => sum + score, 0)
  return scores.length === 1 || Math.abs(total - 1) < 0.001 ? 'probabilities' : 'logits'
}

/**
 * Each label's score in 0..1, the best first.
 *
 * @throws {RangeError} a score is not a number, or no probability in a model that gave probabilities at the start.
 */
export function classScores(scores: Float32Array, labels: readonly string[], scale: ScoreScale): LabelScore[] {
  const shares = scale === 'logits' ? softmax(scores) : scores
  return labels
    .map((label, index) => {
      const score = shares[index]
      if (score === undefined || !isProbability(score)) {
        throw new RangeError(`the score of ${label} is ${scores[index]}; expected ${expected[scale]}`)
      }
      return { label, score: Math.min(Math.max(score, 0), 1) }
    })
    .sort((a, b) => b.score - a.score)
}

const expected: Readonly<Record<ScoreScale, string>> = { probabilities: '0 to 1', logits: 'a number' }

/** With room for the last digit of a float32. */
const isProbability = (score: number): boolean => score >= -1e-5 && score <= 1 + 1e-5

function softmax(logits: Float32Array): Float64Array {
  // Relative to the largest, so that no exponential overflows.
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity)
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

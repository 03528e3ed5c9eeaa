import { describe, expect, it } from 'vitest'
import { classScores, scaleOf } from '../../../src/workers/inference/class-scores.ts'

const scores = (...values: number[]) => Float32Array.from(values)

describe('the scale of a classifier', () => {
  it.each([
    { values: [0.25, 0.5, 0.25], scale: 'probabilities' },
    { values: [0.25, 0.5, 0.2505], scale: 'probabilities' },
    { values: [255 / 256, 0, 0], scale: 'probabilities' }, // the most that a softmax in bytes can say
    { values: [0.25, 0.5, 0.2617], scale: 'probabilities' }, // 3 / 256 too many
    { values: [0.25, 0.5, 0.2618], scale: undefined },
    { values: [0.25, 0.5, 0.2383], scale: 'probabilities' },
    { values: [0.25, 0.5, 0.2382], scale: undefined },
    { values: [0.9, 0.1, 0.8], scale: undefined }, // labels that don't exclude one another, or logits
    { values: [0, 0, 0], scale: undefined },
    { values: [2, -0.5, -0.5], scale: 'logits' },
    { values: [1.01, 0, 0], scale: 'logits' },
    { values: [1, -0.01, 0], scale: 'logits' },
    { values: [0.3], scale: undefined },
    { values: [255 / 256], scale: 'probabilities' },
    { values: [-2], scale: 'logits' },
    { values: [NaN, 1], scale: undefined },
    { values: [NaN, 7], scale: 'logits' },
    { values: Array<number>(1000).fill(0.0006), scale: 'probabilities' },
    { values: Array<number>(1000).fill(0.0004), scale: undefined },
  ])('of $values is $scale', ({ values, scale }) => {
    expect(scaleOf(scores(...values))).toBe(scale)
  })
})

describe('class scores', () => {
  it('are the probabilities as they are, the best first', () => {
    expect(classScores(scores(0.25, 0.625, 0.125), ['a', 'b', 'c'], 'probabilities')).toEqual([
      { label: 'b', score: 0.625 },
      { label: 'a', score: 0.25 },
      { label: 'c', score: 0.125 },
    ])
  })

  it('are the softmax of logits, however large', () => {
    const [b, a] = classScores(scores(1000, 1000 + Math.LN2), ['a', 'b'], 'logits')
    expect(b).toMatchObject({ label: 'b', score: expect.closeTo(2 / 3, 4) as number })
    expect(a).toMatchObject({ label: 'a', score: expect.closeTo(1 / 3, 4) as number })
  })

  it('are the sigmoid of the only logit, since its softmax would be 1 whatever is seen', () => {
    const [one] = classScores(scores(-Math.LN2), ['scratched'], 'logits')
    expect(one).toMatchObject({ label: 'scratched', score: expect.closeTo(1 / 3, 5) as number })
  })

  it('are the sigmoid of each of independent logits', () => {
    const found = classScores(scores(Math.LN2, -1000, Math.log(3)), ['a', 'b', 'c'], 'independent-logits')
    expect(found).toEqual([
      { label: 'c', score: expect.closeTo(3 / 4, 5) as number },
      { label: 'a', score: expect.closeTo(2 / 3, 5) as number },
      { label: 'b', score: 0 },
    ])
  })

  it.each([
    { values: [0.5, NaN], scale: 'probabilities' as const, says: 'the score of b is NaN; expected 0 to 1' },
    {
      values: [0.5, 1.5],
      scale: 'probabilities' as const,
      says: 'the score of b is 1.5; expected 0 to 1. If they are logits, say so in the configuration (`scores`)',
    },
    { values: [NaN, 0.5], scale: 'logits' as const, says: 'the score of a is NaN; expected a number' },
    { values: [Infinity, 0.5], scale: 'logits' as const, says: 'the score of a is Infinity; expected a number' },
    { values: [0.5, NaN], scale: 'independent-logits' as const, says: 'the score of b is NaN; expected a number' },
    {
      values: [0, Infinity],
      scale: 'independent-logits' as const,
      says: 'the score of b is Infinity; expected a number',
    },
  ])('are none when $values are $scale', ({ values, scale, says }) => {
    expect(() => classScores(scores(...values), ['a', 'b'], scale)).toThrow(says)
  })
})

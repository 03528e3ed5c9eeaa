import { describe, expect, it } from 'vitest'
import { classScores, scaleOf } from '../../../src/workers/inference/class-scores.ts'

const scores = (...values: number[]) => Float32Array.from(values)

describe('the scale of a classifier', () => {
  it.each([
    { values: [0.25, 0.5, 0.25], scale: 'probabilities' },
    { values: [0.25, 0.5, 0.2505], scale: 'probabilities' },
    { values: [0.25, 0.5, 0.252], scale: 'logits' },
    { values: [0, 0, 0], scale: 'logits' },
    { values: [2, -0.5, -0.5], scale: 'logits' },
    { values: [0.3], scale: 'probabilities' },
    { values: [-2], scale: 'logits' },
    { values: [NaN, 1], scale: 'logits' },
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

  it.each([
    { values: [0.5, NaN], scale: 'probabilities' as const, says: 'the score of b is NaN; expected 0 to 1' },
    { values: [0.5, 1.5], scale: 'probabilities' as const, says: 'the score of b is 1.5; expected 0 to 1' },
    { values: [NaN, 0.5], scale: 'logits' as const, says: 'the score of a is NaN; expected a number' },
    { values: [Infinity, 0.5], scale: 'logits' as const, says: 'the score of a is Infinity; expected a number' },
  ])('are none when $values are $scale', ({ values, scale, says }) => {
    expect(() => classScores(scores(...values), ['a', 'b'], scale)).toThrow(says)
  })
})

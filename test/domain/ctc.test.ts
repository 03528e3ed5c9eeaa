import { describe, expect, it } from 'vitest'
import { decodeCtc } from '../../src/domain/ctc.ts'

const characters = ['a', 'b']

/** One step for each class, with its likelihood. */
function output(...steps: readonly (readonly [best: number, likelihood: number])[]) {
  const data = new Float32Array(steps.length * 3)
  for (const [step, [best, likelihood]] of steps.entries()) data[step * 3 + best] = likelihood
  return [data, [1, steps.length, 3]] as const
}

describe('the output of a recogniser', () => {
  it('is read step by step: what repeats is one character, unless nothing stands between', () => {
    const [data, dims] = output([0, 1], [1, 0.75], [1, 1], [0, 1], [1, 0.5], [2, 1], [0, 1])
    expect(decodeCtc(data, dims, characters)).toEqual({ text: 'aab', score: 0.75 })
  })

  it('has the first of classes that are alike', () => {
    const data = Float32Array.of(0.25, 0.375, 0.375, 0.5, 0.5, 0)
    expect(decodeCtc(data, [1, 2, 3], characters)).toEqual({ text: 'a', score: 0.375 })
  })

  it('is no text, of score 0, where nothing stands', () => {
    const [data, dims] = output([0, 1], [0, 1])
    expect(decodeCtc(data, dims, characters)).toEqual({ text: '', score: 0 })
  })

  it('is refused where it has another number of classes, or is no number', () => {
    const [data, dims] = output([1, NaN])
    expect(() => decodeCtc(data, dims, ['a'])).toThrow(
      'expected a shape of [1, steps, 2], found [1, 1, 3] with 3 values',
    )
    expect(() => decodeCtc(data, dims, characters)).toThrow('step 0 has the likelihood NaN')
  })

  it.each([1.02, -0.02, NaN, Infinity])(
    'is refused where it has %s for a likelihood: it has no softmax',
    (likelihood) => {
      const data = Float32Array.of(-9, likelihood, -9)
      expect(() => decodeCtc(data, [1, 1, 3], characters)).toThrow(
        `step 0 has the likelihood ${Math.fround(likelihood)}; expected 0 to 1`,
      )
    },
  )

  it('may be over 1 by what half floats lose, and scores no more than 1', () => {
    const [data, dims] = output([1, 1.0009765625], [0, 1])
    expect(decodeCtc(data, dims, characters)).toEqual({ text: 'a', score: 1 })
  })
})

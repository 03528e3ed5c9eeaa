import { describe, expect, it } from 'vitest'
import { readDetectionRows } from '../../src/domain/detection-rows.ts'

const inRows = (rows: readonly number[][]): Float32Array => Float32Array.from(rows.flat())
const read = (rows: readonly number[][], threshold = 0.5) =>
  readDetectionRows(inRows(rows), [1, rows.length, 6], threshold)

describe('an end-to-end output', () => {
  it('is taken as it is, from its threshold up, the best first: corners, score, class, and no suppression', () => {
    const rows = [
      [10, 10, 20, 30, 0.5, 3],
      [11, 10, 20, 30, 0.75, 3],
      [0, 0, 5, 5, 0.4375, 1],
      [0, 0, 0, 0, 0, 0],
    ]
    expect(read(rows)).toEqual([
      { x: 11, y: 10, width: 9, height: 20, classIndex: 3, score: 0.75 },
      { x: 10, y: 10, width: 10, height: 20, classIndex: 3, score: 0.5 },
    ])
  })

  it('has classes that were rounded on their way', () => {
    expect(read([[0, 0, 1, 1, 0.75, 1.9995]])).toMatchObject([{ classIndex: 2 }])
  })

  it.each([0.003, 0.5, 1.998, -0.5])('says nothing with a class of %s: such rows have another layout', (classIndex) => {
    // RT-DETR of two labels: centre, width and height in shares, and a score for each label.
    const rows = [[0.5, 0.5, 0.25, 0.25, 0.75, classIndex]]
    expect(() => read(rows)).toThrow(
      `the class of a detection is ${Math.fround(classIndex)}; expected a whole number, as an end-to-end output has it`,
    )
    expect(read(rows, 0.8)).toEqual([])
  })

  it.each([1.02, 3.25])('says nothing with a score of %s: its head has no sigmoid', (score) => {
    expect(() => read([[0, 0, 1, 1, score, 0]])).toThrow(
      `the score of a detection is ${Math.fround(score)}; expected 0 to 1. If it is a logit, export the model with its sigmoid`,
    )
  })

  it('may have a score over 1 by what half floats lose, which is 1', () => {
    expect(read([[0, 0, 1, 1, 1.0009765625, 0]])).toMatchObject([{ score: 1 }])
  })

  it('has no boxes without area', () => {
    const rows = [
      [10, 10, 10, 30, 0.75, 0],
      [10, 30, 20, 10, 0.75, 0],
    ]
    expect(read(rows)).toEqual([])
  })

  it('keeps the best 300', () => {
    const kept = read(
      Array.from({ length: 301 }, (_, at) => [at, 0, at + 1, 1, (at + 1) / 512, 0]),
      0,
    )
    expect(kept.map(({ x }) => x)).toEqual(Array.from({ length: 300 }, (_, at) => 300 - at))
  })
})

describe('an output that is broken', () => {
  it.each([
    { row: [10, 10, 15, 15, NaN, 1] },
    { row: [NaN, 10, 15, 15, 0.75, 0] },
    { row: [10, 10, Infinity, 15, 0.75, 0] },
    { row: [10, 10, 15, 15, Infinity, 0] },
    { row: [10, 10, 15, 15, 0.75, NaN] },
  ])('is an error with $row, not an empty picture', ({ row }) => {
    expect(() => read([[0, 0, 1, 1, 0.75, 0], row])).toThrow(/^a candidate is not a number: left /)
  })

  it('may hold anything below the threshold', () => {
    expect(read([[NaN, Infinity, 1, 1, 0.25, NaN]])).toEqual([])
  })

  it.each([{ dims: [1, 6] }, { dims: [2, 1, 6] }, { dims: [1, 2, 5] }, { dims: [1, 3, 6] }])(
    'says so when the shape is $dims',
    ({ dims }) => {
      const says = `expected a shape of [1, N, 6], found [${dims.join(', ')}] with 12 values`
      expect(() => readDetectionRows(new Float32Array(12), dims, 0.5)).toThrow(says)
    },
  )
})

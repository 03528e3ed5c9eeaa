import { describe, expect, it } from 'vitest'
import { recogniseLayout } from '../../src/domain/yolo-layout.ts'
import { decodeYolo } from '../../src/domain/yolo-output.ts'

/** Writes candidates, each a row of numbers, channel by channel, as a v8 head does. */
const acrossChannels = (candidates: readonly number[][]): Float32Array =>
  Float32Array.from((candidates[0] as number[]).flatMap((_, row) => candidates.map((one) => one[row] as number)))
const inRows = (candidates: readonly number[][]): Float32Array => Float32Array.from(candidates.flat())

const half = { scoreThreshold: 0.5, iouThreshold: 0.5 }

describe('a v8 output', () => {
  it('gives the best class of each candidate at or above the threshold, the best first', () => {
    const output = acrossChannels([
      [20, 30, 8, 4, 0.5, 0.25], // exactly at the threshold
      [60, 70, 10, 20, 0.125, 0.75],
      [90, 90, 10, 10, 0.4375, 0.375], // just below
    ])
    expect(decodeYolo(output, [1, 6, 3], 'v8', half)).toEqual([
      { x: 55, y: 60, width: 10, height: 20, classIndex: 1, score: 0.75 },
      { x: 16, y: 28, width: 8, height: 4, classIndex: 0, score: 0.5 },
    ])
  })

  it('drops the lesser of two boxes of one class that overlap by more than the threshold, and only then', () => {
    // 10 wide, 5 apart: 50 of 150, a third. Two apart: 80 of 120, two thirds.
    const output = acrossChannels([
      [10, 10, 10, 10, 0.75, 0],
      [15, 10, 10, 10, 0.625, 0],
      [12, 10, 10, 10, 0.6875, 0],
      [10, 10, 10, 10, 0, 0.5625], // the other class
    ])
    expect(decodeYolo(output, [1, 6, 4], 'v8', half).map(({ score }) => score)).toEqual([0.75, 0.625, 0.5625])
    expect(
      decodeYolo(output, [1, 6, 4], 'v8', { scoreThreshold: 0.5, iouThreshold: 0.3 }).map(({ score }) => score),
    ).toEqual([0.75, 0.5625])
  })

  it('keeps both of two boxes that overlap by exactly the threshold', () => {
    // 15 wide, 5 apart: 100 of 200.
    const output = acrossChannels([
      [10, 10, 15, 10, 0.75],
      [15, 10, 15, 10, 0.625],
    ])
    expect(decodeYolo(output, [1, 5, 2], 'v8', half)).toHaveLength(2)
    expect(decodeYolo(output, [1, 5, 2], 'v8', { scoreThreshold: 0.5, iouThreshold: 0.4999 })).toHaveLength(1)
  })

  it('keeps the best 300 unless told otherwise', () => {
    const output = acrossChannels(
      Array.from({ length: 5000 }, (_, index) => [index * 20, 10, 10, 10, 0.5 + index / 16384]),
    )
    const kept = decodeYolo(output, [1, 5, 5000], 'v8', half)
    expect(kept).toHaveLength(300)
    expect(kept[0]).toMatchObject({ x: 4999 * 20 - 5 })
    expect(kept[299]).toMatchObject({ x: 4700 * 20 - 5 })
    expect(decodeYolo(output, [1, 5, 5000], 'v8', { ...half, maxDetections: 2 })).toHaveLength(2)
  })

  it('leaves out boxes without area', () => {
    const output = acrossChannels([
      [10, 10, 0, 10, 0.75],
      [10, 10, 10, -1, 0.75],
    ])
    expect(decodeYolo(output, [1, 5, 2], 'v8', half)).toEqual([])
  })
})

describe('a v5 output', () => {
  it('scores each candidate by objectness times its best class', () => {
    const output = inRows([
      [20, 30, 8, 4, 0.75, 0.25, 1],
      [60, 70, 10, 20, 0.75, 0.625, 0.5], // 0.46875, below
      [90, 90, 10, 10, 0.4375, 1, 1], // objectness alone is below
      [50, 10, 2, 2, 1, 0.5, 0.25], // exactly at the threshold
    ])
    expect(decodeYolo(output, [1, 4, 7], 'v5', half)).toEqual([
      { x: 16, y: 28, width: 8, height: 4, classIndex: 1, score: 0.75 },
      { x: 49, y: 9, width: 2, height: 2, classIndex: 0, score: 0.5 },
    ])
  })

  it('suppresses class by class', () => {
    const output = inRows([
      [10, 10, 10, 10, 1, 0.75, 0],
      [11, 10, 10, 10, 1, 0.625, 0],
      [11, 10, 10, 10, 1, 0, 0.5625],
    ])
    expect(decodeYolo(output, [1, 3, 7], 'v5', half).map(({ score }) => score)).toEqual([0.75, 0.5625])
  })
})

describe('an end-to-end output', () => {
  it('is taken as it is: corners, score, class, and no suppression', () => {
    const output = inRows([
      [10, 10, 20, 30, 0.5, 3],
      [11, 10, 20, 30, 0.75, 3],
      [0, 0, 5, 5, 0.4375, 1],
      [0, 0, 0, 0, 0, 0],
    ])
    expect(decodeYolo(output, [1, 4, 6], 'end-to-end', half)).toEqual([
      { x: 11, y: 10, width: 9, height: 20, classIndex: 3, score: 0.75 },
      { x: 10, y: 10, width: 10, height: 20, classIndex: 3, score: 0.5 },
    ])
  })
})

describe('an output that is broken', () => {
  it.each([
    { layout: 'v8' as const, dims: [1, 6, 2], rows: [[10, 10, 5, 5, 0.25, NaN], [10, 10, 5, 5, 0, 0]] }, // prettier-ignore
    { layout: 'v8' as const, dims: [1, 6, 2], rows: [[10, 10, 5, 5, NaN, 0.25], [10, 10, 5, 5, 0, 0]] }, // prettier-ignore
    { layout: 'v8' as const, dims: [1, 6, 2], rows: [[10, 10, Infinity, 5, 0.75, 0], [10, 10, 5, 5, 0, 0]] }, // prettier-ignore
    { layout: 'v5' as const, dims: [1, 2, 6], rows: [[10, 10, 5, 5, NaN, 1], [10, 10, 5, 5, 0, 0]] }, // prettier-ignore
    { layout: 'v5' as const, dims: [1, 2, 6], rows: [[10, 10, 5, 5, 1, NaN], [10, 10, 5, 5, 0, 0]] }, // prettier-ignore
    { layout: 'end-to-end' as const, dims: [1, 2, 6], rows: [[10, 10, 15, 15, NaN, 1], [10, 10, 5, 5, 0, 0]] }, // prettier-ignore
    { layout: 'end-to-end' as const, dims: [1, 2, 6], rows: [[NaN, 10, 15, 15, 0.75, 1], [10, 10, 5, 5, 0, 0]] }, // prettier-ignore
  ])('is an error in $layout, not an empty picture', ({ layout, dims, rows }) => {
    const output = layout === 'v8' ? acrossChannels(rows) : inRows(rows)
    expect(() => decodeYolo(output, dims, layout, half)).toThrow(/a candidate is not a number/)
  })

  it('may hold anything in candidates that are below the threshold', () => {
    const output = acrossChannels([[NaN, Infinity, 1, 1, 0.25, 0.25]])
    expect(decodeYolo(output, [1, 6, 1], 'v8', half)).toEqual([])
  })

  it.each([
    { dims: [1, 6], says: 'expected a shape of [1, rows, columns], found [1, 6]' },
    { dims: [2, 6, 1], says: 'expected a shape of [1, rows, columns], found [2, 6, 1]' },
    { dims: [1, 6, 3], says: 'a shape of [1, 6, 3] has 18 values, found 12' },
    { dims: [1, 4, 3], says: 'a v8 output has 4 rows and one for each class, found 4' },
  ])('says so when the shape is $dims', ({ dims, says }) => {
    expect(() => decodeYolo(new Float32Array(12), dims, 'v8', half)).toThrow(says)
  })
})

describe('recognising the layout', () => {
  it.each([
    { dims: [1, 84, 8400], labels: 80, is: { layout: 'v8', classes: 80 } },
    { dims: [1, 84, 8400], labels: undefined, is: { layout: 'v8', classes: 80 } },
    { dims: [1, 6, 300], labels: 2, is: { layout: 'v8', classes: 2 } },
    { dims: [1, 25200, 85], labels: 80, is: { layout: 'v5', classes: 80 } },
    { dims: [1, 25200, 85], labels: undefined, is: { layout: 'v5', classes: 80 } },
    { dims: [1, 300, 6], labels: 80, is: { layout: 'end-to-end', classes: undefined } },
    { dims: [1, 300, 6], labels: undefined, is: { layout: 'end-to-end', classes: undefined } },
    { dims: [1, 300, 6], labels: 1, is: { layout: 'end-to-end', classes: undefined } },
    { dims: [1, 25200, 6], labels: 1, is: { layout: 'v5', classes: 1 } },
    { dims: [1, 1020, 6], labels: 1, is: { layout: 'v5', classes: 1 } },
  ])('takes $dims with $labels labels for $is.layout', ({ dims, labels, is }) => {
    expect(recogniseLayout(dims, labels)).toEqual(is)
  })

  it.each([
    {
      dims: [1, 85, 8400],
      labels: 80,
      reason:
        'its output has the shape [1, 85, 8400]; with 80 labels expected [1, 84, N] (v8), [1, N, 85] (v5) or [1, N, 6] (end-to-end)',
    },
    {
      dims: [1, 1000],
      labels: 1000,
      reason: "its output has the shape [1, 1000]; a detector's has three dimensions, the first of them 1",
    },
    {
      dims: [1, 7, 6],
      labels: 3,
      reason: 'its output of shape [1, 7, 6] could be v8 or end-to-end: say which in the configuration',
    },
    {
      dims: [1, 4, 4],
      labels: undefined,
      reason:
        'its output has the shape [1, 4, 4]; expected [1, 4+classes, N] (v8), [1, N, 5+classes] (v5) or [1, N, 6] (end-to-end)',
    },
  ])('gives its reason for refusing $dims with $labels labels', ({ dims, labels, reason }) => {
    expect(recogniseLayout(dims, labels)).toEqual({ reason })
  })
})

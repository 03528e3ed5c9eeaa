import { Tensor } from 'onnxruntime-node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RawDetection, readDetectionRows } from '../../../src/domain/detection-rows.ts'
import {
  createSuppression,
  roundedUp,
  type Suppression,
  type Thresholds,
} from '../../../src/workers/inference/end-to-end.ts'
import { plainSuppression } from '../../support/plain-suppression.ts'

type Layout = 'v8' | 'v5'
/** In a v8 head a candidate's values stand one below another, in a v5 head side by side. */
const outputOf = (layout: Layout, rows: readonly number[][]): Float32Array => {
  const length = rows[0]?.length ?? 0
  const output = new Float32Array(rows.length * length)
  // Millions of values in one of the tests.
  for (const [at, row] of rows.entries())
    for (const [channel, value] of row.entries())
      output[layout === 'v5' ? at * length + channel : channel * rows.length + at] = value
  return output
}

async function suppress(...[layout, rows, by, candidates]: Parameters<typeof putOut>): Promise<RawDetection[]> {
  const found = await putOut(layout, rows, by, candidates)
  return readDetectionRows(found.data as Float32Array, found.dims, by.scoreThreshold)
}

/** By what they are for: to make one takes far longer than what is asked of it here. */
const made = new Map<string, Promise<Suppression>>()

/** Of a model that says how many `candidates` it has, or leaves that open. */
async function putOut(
  layout: Layout,
  rows: readonly number[][],
  by: Thresholds,
  candidates: number | 'any' = rows.length,
): Promise<Tensor> {
  const length = rows[0]?.length ?? 0
  const dimsOf = <Count>(count: Count) => (layout === 'v8' ? [1, length, count] : [1, count, length])
  const classes = length - (layout === 'v8' ? 4 : 5)
  const head = { name: 'output0', dims: dimsOf(candidates), layout, classes }
  const key = JSON.stringify(head)
  const run = made.get(key) ?? createSuppression(head)
  made.set(key, run)
  return (await run)(new Tensor('float32', outputOf(layout, rows), dimsOf(rows.length)), by)
}

const half = { scoreThreshold: 0.5, iouThreshold: 0.5 }
const scores = (found: readonly RawDetection[]) => found.map(({ score }) => score)

describe('a v8 output', () => {
  it('gives the best class of each candidate at or above the threshold, the best first', async () => {
    const rows = [
      [20, 30, 8, 4, 0.5, 0.25], // exactly at the threshold
      [60, 70, 10, 20, 0.125, 0.75],
      [90, 90, 10, 10, 0.4375, 0.375], // just below
    ]
    expect(await suppress('v8', rows, half)).toEqual([
      { x: 55, y: 60, width: 10, height: 20, classIndex: 1, score: 0.75 },
      { x: 16, y: 28, width: 8, height: 4, classIndex: 0, score: 0.5 },
    ])
  })

  it('has the first of two classes that score alike, and the first of two candidates', async () => {
    const rows = [
      [20, 30, 8, 4, 0.25, 0.75, 0.75],
      [20, 30, 8, 5, 0.25, 0.75, 0.5],
    ]
    expect(await suppress('v8', rows, half)).toEqual([
      { x: 16, y: 28, width: 8, height: 4, classIndex: 1, score: 0.75 },
    ])
  })

  it('drops the lesser of two boxes of one class that overlap by more than the threshold, and only then', async () => {
    // 10 wide, 5 apart: 50 of 150, a third. Two apart: 80 of 120, two thirds.
    const rows = [
      [10, 10, 10, 10, 0.75, 0],
      [15, 10, 10, 10, 0.625, 0],
      [12, 10, 10, 10, 0.6875, 0],
      [10, 10, 10, 10, 0, 0.5625], // the other class
    ]
    expect(scores(await suppress('v8', rows, half))).toEqual([0.75, 0.625, 0.5625])
    expect(scores(await suppress('v8', rows, { ...half, iouThreshold: 0.3 }))).toEqual([0.75, 0.5625])
  })

  it('keeps both of two boxes that overlap by exactly the threshold', async () => {
    // 15 wide, 5 apart: 100 of 200.
    const rows = [
      [10, 10, 15, 10, 0.75],
      [15, 10, 15, 10, 0.625],
    ]
    expect(await suppress('v8', rows, half)).toHaveLength(2)
    expect(await suppress('v8', rows, { ...half, iouThreshold: 0.4999 })).toHaveLength(1)
  })

  it('keeps the best 300, whatever their class', async () => {
    const rows = Array.from({ length: 5000 }, (_, at) => [
      at * 20,
      10,
      10,
      10,
      ...(at % 2 === 0 ? [0.5 + at / 16384, 0] : [0, 0.5 + at / 16384]),
    ])
    const kept = await suppress('v8', rows, half)
    // And the last row, which is none.
    expect((await putOut('v8', rows, half)).dims).toEqual([1, 301, 6])
    expect(kept.map(({ x }) => (x + 5) / 20)).toEqual(Array.from({ length: 300 }, (_, at) => 4999 - at))
  })

  it('compares the best 4,096 candidates only', async () => {
    const alike = Array.from({ length: 4096 }, () => [10, 10, 10, 10, 0.75])
    expect(await suppress('v8', [...alike, [50, 10, 10, 10, 0.625]], half)).toHaveLength(1)
    expect(await suppress('v8', [...alike.slice(1), [50, 10, 10, 10, 0.625]], half)).toHaveLength(2)
  })

  it('leaves out boxes without area', async () => {
    const rows = [
      [10, 10, 0, 10, 0.75],
      [10, 10, 10, -1, 0.75],
    ]
    expect(await suppress('v8', rows, half)).toEqual([])
    expect(await suppress('v8', rows, { scoreThreshold: 0, iouThreshold: 0 })).toEqual([])
  })

  it('compares fewer of them where there are many classes', async () => {
    // 4,000,000 scores for 8,000 classes are 500 candidates.
    const row = (x: number, score: number) => [x, 10, 10, 10, score, ...Array<number>(7999).fill(0)]
    const alike = Array.from({ length: 500 }, () => row(10, 0.75))
    expect(await suppress('v8', [...alike, row(50, 0.625)], half)).toHaveLength(1)
    expect(await suppress('v8', [...alike.slice(1), row(50, 0.625)], half)).toHaveLength(2)
  })

  it.each([[-10, 10] as const, [10, -10] as const])('lets a box of %i x %i hide none', async (width, height) => {
    const rows = [
      [10, 10, width, height, 0.75],
      [10, 10, 10, 10, 0.625],
    ]
    expect(scores(await suppress('v8', rows, half))).toEqual([0.625])
  })

  it('has a score of 0 where that is asked for', async () => {
    expect(scores(await suppress('v8', [[10, 10, 10, 10, 0]], { scoreThreshold: 0, iouThreshold: 1 }))).toEqual([0])
  })
})

describe('a v5 output', () => {
  it('scores each candidate by objectness times its best class', async () => {
    const rows = [
      [20, 30, 8, 4, 0.75, 0.25, 1],
      [60, 70, 10, 20, 0.75, 0.625, 0.5], // 0.46875, below
      [90, 90, 10, 10, 0.4375, 1, 1], // objectness alone is below
      [50, 10, 2, 2, 1, 0.5, 0.25], // exactly at the threshold
    ]
    expect(await suppress('v5', rows, half)).toEqual([
      { x: 16, y: 28, width: 8, height: 4, classIndex: 1, score: 0.75 },
      { x: 49, y: 9, width: 2, height: 2, classIndex: 0, score: 0.5 },
    ])
  })

  it('suppresses class by class', async () => {
    const rows = [
      [10, 10, 10, 10, 1, 0.75, 0],
      [11, 10, 10, 10, 1, 0.625, 0],
      [11, 10, 10, 10, 1, 0, 0.5625],
    ]
    expect(scores(await suppress('v5', rows, half))).toEqual([0.75, 0.5625])
  })
})

describe('an output that is broken', () => {
  const sound = [10, 10, 5, 5, 0, 0]
  it.each([
    { layout: 'v8' as const, row: [10, 10, 5, 5, 0.25, NaN], says: 'score NaN' },
    { layout: 'v8' as const, row: [10, 10, 5, 5, NaN, 0.25], says: 'score NaN' },
    { layout: 'v8' as const, row: [10, 10, 5, 5, 0.75, NaN], says: 'score NaN' },
    { layout: 'v8' as const, row: [10, 10, 5, 5, Infinity, 0], says: 'score NaN' },
    { layout: 'v8' as const, row: [10, 10, Infinity, 5, 0.75, 0], says: 'right Infinity' },
    { layout: 'v8' as const, row: [NaN, 10, 0, 5, 0.75, 0], says: 'left NaN.*score NaN' },
    { layout: 'v5' as const, row: [10, 10, 5, 5, NaN, 1], says: 'score NaN' },
    { layout: 'v5' as const, row: [10, 10, 5, 5, 1, NaN], says: 'score NaN' },
    { layout: 'v5' as const, row: [10, NaN, 5, 5, 1, 1], says: 'top NaN' },
  ])('is an error in $layout with $row, not an empty picture', async ({ layout, row, says }) => {
    const rows = [sound.slice(0, row.length), row]
    await expect(suppress(layout, rows, half)).rejects.toThrow(new RegExp(`^a candidate is not a number: .*${says}`))
  })

  it('may hold anything in boxes that are below the threshold', async () => {
    expect(await suppress('v8', [[NaN, Infinity, 1, 1, 0.25, 0.25]], half)).toEqual([])
    expect(await suppress('v5', [[NaN, Infinity, 1, 1, 0.25, NaN]], half)).toEqual([])
    // Below it by less than a float32 can tell apart.
    const nearly = Math.fround(0.7)
    expect(nearly).toBeLessThan(0.7)
    const by = { scoreThreshold: 0.7, iouThreshold: 0.5 }
    expect(await suppress('v8', [[NaN, Infinity, 1, 1, nearly, 0.25]], by)).toEqual([])
  })
})

describe('suppression by the graph', () => {
  // In eighths, so that nothing is rounded, and few, so that many are equal.
  const eighths = (most: number) => fc.integer({ min: 0, max: most * 8 }).map((count) => count / 8)
  const candidate = (length: number) =>
    fc
      .tuple(
        eighths(20),
        eighths(20),
        eighths(8),
        eighths(8),
        fc.array(eighths(1), { minLength: length, maxLength: length }),
      )
      .map(([x, y, width, height, scores]) => [x, y, width, height, ...scores])
  // Few counts that a model can say, so that few sessions are made.
  const count = fc.option(fc.constantFrom(1, 2, 17, 60), { nil: undefined, freq: 1 })
  const outputs = fc
    .record({ layout: fc.constantFrom<Layout>('v8', 'v5'), classes: fc.integer({ min: 1, max: 4 }), count })
    .chain(({ layout, classes, count }) =>
      fc.record({
        layout: fc.constant(layout),
        candidates: fc.constant(count ?? ('any' as const)),
        rows: fc.array(candidate(layout === 'v8' ? classes : classes + 1), {
          minLength: count ?? 1,
          maxLength: count ?? 60,
        }),
      }),
    )
  const threshold = fc.oneof(
    eighths(1),
    fc.constantFrom(0.05, 0.3, 0.45, 0.7, 0.9),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )

  it('finds what one would find candidate by candidate, equals and edges included', async () => {
    await fc.assert(
      fc.asyncProperty(outputs, threshold, threshold, async (output, scoreThreshold, iouThreshold) => {
        const { layout, rows, candidates } = output
        const by = { scoreThreshold, iouThreshold }
        const length = rows[0]?.length ?? 0
        const dims = layout === 'v8' ? [1, length, rows.length] : [1, rows.length, length]
        const plain = plainSuppression(outputOf(layout, rows), dims, layout, by)
        expect(await suppress(layout, rows, by, candidates)).toEqual(plain)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a threshold', () => {
  it.each([0, 0.1, 0.3, 0.5, 0.7, 0.9, 1])('of %d is the least float32 that is no less', (value) => {
    const up = roundedUp(value)
    expect(Math.fround(up)).toBe(up)
    expect(up).toBeGreaterThanOrEqual(value)
    expect(up === 0 || Math.fround(up * (1 - 2 ** -24)) < value).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { recogniseLayout } from '../../src/domain/yolo-layout.ts'

const usual = { width: 640, height: 640 }

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
  ])('takes $dims with $labels labels for $is.layout', ({ dims, labels, is }) => {
    expect(recogniseLayout(dims, usual, labels)).toEqual(is)
  })

  it.each([
    { input: usual, count: 8400, of: 'v6', layout: 'v5' },
    { input: usual, count: 25_200, of: 'v5', layout: 'v5' },
    { input: usual, count: 6000, of: 'a tiny v5', layout: 'v5' },
    { input: usual, count: 8500, of: 'a large v6', layout: 'v5' },
    { input: usual, count: 102_000, of: 'a v5 for small things', layout: 'v5' },
    { input: { width: 100, height: 60 }, count: 3 * (13 * 8 + 7 * 4 + 4 * 2), of: 'v5, whose last cells are cut', layout: 'v5' }, // prettier-ignore
    { input: { width: 1280, height: 1280 }, count: 25_200, of: 'none of this size', layout: 'end-to-end' },
    { input: usual, count: 300, of: 'v10', layout: 'end-to-end' },
  ])(
    'takes $count rows of one class from $input.width x $input.height for $layout: $of',
    ({ input, count, layout }) => {
      expect(recogniseLayout([1, count, 6], input, 1)).toMatchObject({ layout })
    },
  )

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
      dims: [0, 7],
      labels: 80,
      reason: 'its output has the shape [0, 7], as v7 has it with its suppression; export it without (`--end2end`)',
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
    expect(recogniseLayout(dims, usual, labels)).toEqual({ reason })
  })
})

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
    { input: { width: 640, height: 320 }, count: 1000, of: 'a tiny v6', layout: 'v5' },
  ])(
    'takes $count rows of one class from $input.width x $input.height for $layout: $of',
    ({ input, count, layout }) => {
      expect(recogniseLayout([1, count, 6], input, 1)).toMatchObject({ layout })
    },
  )

  // 300 = 20 · 12 + 10 · 6, and so on: as many as a tiny v6 of that size has.
  describe.each([
    { width: 320, height: 192 },
    { width: 384, height: 160 },
    { width: 640, height: 96 },
    { width: 160, height: 128 }, // 3 · 100
  ])('where $width x $height has 300 candidates', (input) => {
    const shape = '[1, 300, 6]'

    it.each([
      { labels: 1, exporter: 'ultralytics' as const },
      { labels: 1, exporter: 'suppressing' as const },
      { labels: 2, exporter: 'ultralytics' as const },
      { labels: 2, exporter: 'unknown' as const },
      { labels: 80, exporter: 'unknown' as const },
    ])('takes [1, 300, 6] of $labels labels from $exporter for end-to-end', ({ labels, exporter }) => {
      expect(recogniseLayout([1, 300, 6], input, labels, exporter)).toMatchObject({ layout: 'end-to-end' })
    })

    it.each([1, undefined])('refuses [1, 300, 6] of %s label, where nobody says which', (labels) => {
      expect(recogniseLayout([1, 300, 6], input, labels)).toEqual({
        reason: `its output of shape ${shape} could be v5 or end-to-end: say which in the configuration (\`layout\`)`,
      })
    })
  })

  it.each([
    { count: 8400, labels: 1, exporter: 'ultralytics' as const },
    { count: 8400, labels: 3, exporter: 'ultralytics' as const },
    { count: 8400, labels: 2, exporter: 'suppressing' as const },
    { count: 8401, labels: 2, exporter: 'unknown' as const },
    { count: 2000, labels: 2, exporter: 'unknown' as const }, // a tiny v5 would have 7 columns
    { count: 8401, labels: 80, exporter: 'unknown' as const },
  ])('takes $count rows of six with $labels labels from $exporter for end-to-end', ({ count, labels, exporter }) => {
    expect(recogniseLayout([1, count, 6], usual, labels, exporter)).toMatchObject({ layout: 'end-to-end' })
  })

  it.each([
    { of: 'v8 with rows and columns changed over', labels: 2, exporter: 'unknown' as const },
    { of: 'corners, score and class of each cell', labels: 3, exporter: 'unknown' as const },
    { of: 'the first, with the metadata it had', labels: 2, exporter: 'ultralytics' as const },
  ])('refuses a row of six for each cell: $of', ({ labels, exporter }) => {
    const raw = exporter === 'unknown' ? `, [1, N, ${5 + labels}] (v5) or` : ' or'
    expect(recogniseLayout([1, 8400, 6], usual, labels, exporter)).toEqual({
      reason: `its output has the shape [1, 8400, 6], a row for each cell of its grids, so that it is not suppressed; with ${labels} labels expected [1, ${4 + labels}, N] (v8)${raw} [1, N, 6] (end-to-end). If it is end-to-end all the same, say so in the configuration (\`layout\`)`,
    })
  })

  it.each([
    { of: 'turned boxes', dims: [1, 300, 7], labels: 2, exporter: 'suppressing' as const },
    { of: 'masks', dims: [1, 300, 38], labels: 33, exporter: 'suppressing' as const },
    { of: 'poses of 17 points', dims: [1, 300, 57], labels: 52, exporter: 'ultralytics' as const },
  ])('takes $of from $exporter, $dims of $labels labels, for none: its exports are never v5', (given) => {
    expect(recogniseLayout(given.dims, usual, given.labels, given.exporter)).toEqual({
      reason: `its output has the shape [${given.dims.join(', ')}]; with ${given.labels} labels expected [1, ${4 + given.labels}, N] (v8) or [1, N, 6] (end-to-end)`,
    })
    expect(recogniseLayout(given.dims, usual, undefined, given.exporter)).toHaveProperty('reason')
  })

  it.each([1, 2, 80, undefined])('refuses RT-DETR of %s labels, by its metadata', (labels) => {
    expect(recogniseLayout([1, 300, 4 + (labels ?? 2)], usual, labels, 'rt-detr')).toEqual({
      reason: `its metadata says that it is RT-DETR, whose output of shape [1, 300, ${4 + (labels ?? 2)}] has a layout that is not read; export a YOLO`,
    })
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
      dims: [0, 7],
      labels: 80,
      reason: 'its output has the shape [0, 7], as v7 has it with its suppression; export it without (`--end2end`)',
    },
    {
      dims: [1, 7, 6],
      labels: 3,
      reason: 'its output of shape [1, 7, 6] could be v8 or end-to-end: say which in the configuration (`layout`)',
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

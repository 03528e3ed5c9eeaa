import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModelToLoad } from '../../../src/domain/model.ts'
import { createPiscinaRunner } from '../../../src/adapters/inference/piscina-runner.ts'
import type { ModelWorker } from '../../../src/ports/model-runner.ts'
import {
  cellsOf,
  channelsHead,
  endToEndHead,
  type Export,
  exportModel,
  type Output,
  rowsHead,
  scoresHead,
  theNut,
  ultralytics,
} from '../../support/yolo-models.ts'
import { picture, task } from '../../workers/inference/support.ts'

const side = { width: 64, height: 64 }
const cells = cellsOf(side)
const rawHead = (name: string, stride: number): Output => {
  const dims = [1, 3, 64 / stride, 64 / stride, 7]
  return { name, dims, values: new Float32Array(dims.reduce((product, dim) => product * dim, 1)) }
}
const rawHeads = [rawHead('339', 8), rawHead('391', 16), rawHead('443', 32)]
const names = "{0: 'bolt', 1: 'nut'}"
const byHand = ['bolt', 'nut']

interface Case {
  readonly of: string
  readonly made: Export
  /** Where the exporter writes none. */
  readonly labels?: readonly string[]
}

const detectors: readonly (Case & { readonly layout: string })[] = [
  {
    of: 'v5, release 6.0: three raw heads beside its output, names in a list',
    layout: 'v5',
    made: {
      metadata: { stride: '32', names: "['bolt', 'nut']" },
      outputs: [rowsHead('output', 3 * cells), ...rawHeads],
      opset: 12,
    },
  },
  {
    of: 'v5, release 7.0',
    layout: 'v5',
    made: { metadata: { stride: '32', names }, outputs: [rowsHead('output0', 3 * cells)], opset: 17 },
  },
  {
    of: 'v5 of before 6.0, whose operators are older than those that suppression needs',
    layout: 'v5',
    made: { metadata: {}, outputs: [rowsHead('output', 3 * cells), ...rawHeads], opset: 11 },
    labels: byHand,
  },
  {
    of: 'v6, which has one candidate in each cell and no metadata',
    layout: 'v5',
    made: { metadata: {}, outputs: [rowsHead('outputs', cells)], opset: 13 },
    labels: byHand,
  },
  {
    of: 'v7, which has no metadata',
    layout: 'v5',
    made: { metadata: {}, outputs: [rowsHead('output', 3 * cells)], opset: 12 },
    labels: byHand,
  },
  {
    of: 'v8',
    layout: 'v8',
    made: { metadata: ultralytics('YOLOv8n', 'detect'), outputs: [channelsHead('output0', cells)], opset: 17 },
  },
  {
    of: 'v8 of half precision and any size, which is rounded up to its stride',
    layout: 'v8',
    made: {
      metadata: ultralytics('YOLOv8n', 'detect', { imgsz: '[40, 60]' }),
      outputs: [channelsHead('output0', cells)],
      opset: 17,
      type: 'float16',
      sides: ['height', 'width'],
      isDynamic: true,
    },
  },
  {
    of: 'v8 that takes bytes',
    layout: 'v8',
    made: {
      metadata: ultralytics('YOLOv8n', 'detect'),
      outputs: [channelsHead('output0', cells)],
      opset: 17,
      type: 'uint8',
    },
  },
  {
    of: 'v8 with its suppression in it',
    layout: 'end-to-end',
    made: {
      metadata: ultralytics('YOLOv8n', 'detect', { args: "{'batch': 1, 'nms': True}" }),
      outputs: [endToEndHead('output0', 300)],
      opset: 17,
    },
  },
  {
    of: 'v9, whose auxiliary branch is a second output',
    layout: 'v8',
    made: {
      metadata: ultralytics('YOLOv9c', 'detect'),
      outputs: [channelsHead('output0', cells), channelsHead('output1', cells)],
      opset: 18,
    },
  },
  {
    of: 'v10',
    layout: 'end-to-end',
    made: { metadata: ultralytics('YOLOv10n', 'detect'), outputs: [endToEndHead('output0', 300)], opset: 19 },
  },
  {
    of: 'v11',
    layout: 'v8',
    made: { metadata: ultralytics('YOLO11n', 'detect'), outputs: [channelsHead('output0', cells)], opset: 19 },
  },
  {
    of: 'v12',
    layout: 'v8',
    made: { metadata: ultralytics('YOLO12n', 'detect'), outputs: [channelsHead('output0', cells)], opset: 20 },
  },
]

const probabilities = [0.25, 0.625, 0.125]
const logits = probabilities.map((share) => Math.log(share) + 3)
const states = "{0: 'empty', 1: 'full', 2: 'jammed'}"
const classify = (model: string): Export => ({
  metadata: ultralytics(model, 'classify', { stride: '1', names: states }),
  outputs: [scoresHead('output0', probabilities)],
  opset: 17,
})
const classifiers: readonly Case[] = [
  {
    of: 'v5, whose scores are logits',
    made: { metadata: { stride: '32', names: states }, outputs: [scoresHead('output0', logits)], opset: 17 },
  },
  { of: 'v8', made: classify('YOLOv8n-cls') },
  { of: 'v11', made: classify('YOLO11n-cls') },
  { of: 'v12', made: classify('YOLO12n-cls') },
]

const near = (score: number): number => expect.closeTo(score, 6) as number

/** One thread has them all. */
let worker: ModelWorker
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-yolo-'))
  const spec = async (kind: ModelToLoad['kind'], { of, made, labels }: Case, at: number): Promise<ModelToLoad> => {
    const file = join(folder, `${kind}-${at}.onnx`)
    await writeFile(file, exportModel(made))
    return { name: `${kind}: ${of}`, kind, file, labels, layout: 'auto' }
  }
  const specs = await Promise.all([
    ...detectors.map((one, at) => spec('detect', one, at)),
    ...classifiers.map((one, at) => spec('classify', one, at)),
  ])
  worker = await createPiscinaRunner().startWorker(specs, new AbortController().signal)
}, 60_000)

afterAll(async () => {
  await worker.close()
  await rm(folder, { recursive: true })
})

async function findingOf(model: string) {
  const { findings } = await worker.run(task({ picture: picture([90, 90, 90], side), sourceSize: side }, model))
  return findings[0]
}

describe('a detector as it is exported from YOLO', () => {
  it.each(detectors)('$of is recognised and read', async ({ of, layout, made: { opset, type = 'float32' } }) => {
    const model = `detect: ${of}`
    const known = worker.models.find(({ name }) => name === model)
    expect(known).toMatchObject({ layout, input: side, labels: byHand, type })
    expect(known?.beside).toBe(
      opset === 11
        ? "suppression wants version 12 of ONNX's operators, and it has 11; export it with a newer one"
        : undefined,
    )
    expect(await findingOf(model)).toEqual({ kind: 'detect', model, detections: [theNut] })
  })
})

describe('a classifier as it is exported from YOLO', () => {
  it.each(classifiers)('$of is recognised and read', async ({ of }) => {
    const model = `classify: ${of}`
    expect(worker.models.find(({ name }) => name === model)).toMatchObject({ input: side, layout: undefined })
    expect(await findingOf(model)).toEqual({
      kind: 'classify',
      model,
      scores: [
        { label: 'full', score: near(0.625) },
        { label: 'empty', score: near(0.25) },
        { label: 'jammed', score: near(0.125) },
      ],
    })
  })
})

describe('a detector whose output could be another’s', () => {
  const oneOf =
    (count: number, over: Partial<ModelToLoad> = {}, made: Partial<Export> = {}) =>
    async () => {
      const head: Output = { name: 'o', dims: [1, count, 6], values: new Float32Array(6 * count) }
      const folder = await mkdtemp(join(tmpdir(), 'belay-yolo-'))
      onTestFinished(() => rm(folder, { recursive: true }))
      const file = join(folder, 'one.onnx')
      await writeFile(file, exportModel({ metadata: { stride: '32', names }, outputs: [head], opset: 17, ...made }))
      const one = { name: 'parts', kind: 'detect', file, labels: ['part'], layout: 'auto', ...over } as const
      const alone = await createPiscinaRunner().startWorker([one], new AbortController().signal)
      onTestFinished(() => alone.close())
      return alone.models[0]?.layout
    }
  /** Where 300 is 20 · 12 + 10 · 6. */
  const wide = [192, 320] as const
  const v10 = { sides: wide, metadata: ultralytics('YOLOv10n', 'detect', { names: "{0: 'part'}" }) }
  const suppressed = { sides: wide, metadata: { names, args: "{'batch': 1, 'nms': True}" } }

  it.each([
    { what: 'v6 of one class, by the cells of its grids', start: oneOf(cells), layout: 'v5' },
    { what: 'v5 of one class, by three in each cell', start: oneOf(3 * cells), layout: 'v5' },
    { what: 'v10 of one class, by another number', start: oneOf(300), layout: 'end-to-end' },
    { what: 'v10 of one class, by its metadata', start: oneOf(300, {}, v10), layout: 'end-to-end' },
    { what: 'one that says that it is suppressed', start: oneOf(300, {}, suppressed), layout: 'end-to-end' },
    { what: 'what the configuration says', start: oneOf(300, { layout: 'v5' }), layout: 'v5' },
  ])('is taken for $what', async ({ start, layout }) => {
    expect(await start()).toBe(layout)
  })

  it('is refused where nothing tells, until the configuration does', async () => {
    await expect(oneOf(300, {}, { sides: wide })()).rejects.toThrow(
      'its output of shape [1, 300, 6] could be v5 or end-to-end: say which in the configuration (`layout`)',
    )
    expect(await oneOf(300, { layout: 'end-to-end' }, { sides: wide })()).toBe('end-to-end')
  })
})

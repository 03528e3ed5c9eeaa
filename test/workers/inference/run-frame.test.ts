import { InferenceSession } from 'onnxruntime-node'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { InferenceTask } from '../../../src/domain/inference-task.ts'
import type { ModelToLoad } from '../../../src/domain/model.ts'
import { loadModel } from '../../../src/workers/inference/load-model.ts'
import { Preprocessor } from '../../../src/workers/inference/preprocessor.ts'
import { OnnxGraph } from '../../../src/workers/inference/onnx-graph.ts'
import { runFrame } from '../../../src/workers/inference/run-frame.ts'
import { loadReader, type ReadyReader } from '../../../src/workers/inference/text-reader.ts'
import { dictionary, recogniser, textDetector } from '../../support/text-models.ts'
import {
  classifier,
  constantModel,
  detector,
  layouts,
  makeModel,
  meansModel,
  type ModelShape,
  picture,
  square,
  task,
} from './support.ts'

/** Means of a black picture are 0, which says nothing of their scale. */
const logits = { scores: 'logits' } as const

/** What a worker is made of, in this thread. */
async function start(specs: readonly ModelToLoad[]) {
  const ready = await Promise.all(specs.map(loadModel))
  const models = new Map(ready.map((model) => [model.facts.name, model]))
  const preprocessor = new Preprocessor()
  return {
    models: ready.map(({ facts }) => facts),
    run: async (frame: InferenceTask) => ({ findings: await runFrame(frame, models, preprocessor) }),
  }
}

describe('a detector', () => {
  it.each(Object.entries(layouts))('in layout %s is recognised and read', async (layout, { dims, values }) => {
    const worker = await start([await detector(constantModel(dims, values))])
    expect(worker.models).toEqual([
      {
        name: 'bolts',
        kind: 'detect',
        input: square,
        frames: 1,
        type: 'float32',
        labels: ['bolt', 'nut'],
        layout,
        provider: 'cpu',
        declined: [],
        tensors: { input: 'images: float32 [1, 3, 8, 8]', output: `output0: float32 [${dims.join(', ')}]`, unread: [] },
      },
    ])
    const { findings } = await worker.run(task())
    expect(findings).toEqual([
      {
        kind: 'detect',
        model: 'bolts',
        detections: [{ x: 3, y: 2, width: 2, height: 4, label: 'nut', score: 0.75 }],
      },
    ])
  })

  it('gives its boxes in the pixels of the camera, through both letter-boxings', async () => {
    const { dims, values } = layouts.v8
    const worker = await start([await detector(constantModel(dims, values))])
    // The camera's 64x32 lies in 16x16 at y 4 to 12; that in the model's 8x8 at half the size.
    const { findings } = await worker.run(
      task({ picture: picture([0, 0, 0], { width: 16, height: 16 }), sourceSize: { width: 64, height: 32 } }),
    )
    expect(findings).toMatchObject([{ detections: [{ x: 24, y: 0, width: 16, height: 32 }] }])
  })

  it('gives its boxes in the pixels of a camera whose picture was stretched', async () => {
    const { dims, values } = layouts.v8
    const worker = await start([await detector(constantModel(dims, values))])
    const { findings } = await worker.run(
      task({
        picture: picture([0, 0, 0], { width: 16, height: 8 }),
        sourceSize: { width: 80, height: 16 },
        fit: 'stretch',
      }),
    )
    expect(findings).toMatchObject([{ detections: [{ x: 30, y: 4, width: 20, height: 8 }] }])
  })

  it('gives its boxes in the pixels of a camera of whose picture the middle is looked at', async () => {
    const { dims, values } = layouts.v8
    const worker = await start([await detector(constantModel(dims, values))])
    // The camera's 64x32 is 32x16, of which the picture has 16 columns from the eighth on.
    const { findings } = await worker.run(
      task({
        picture: picture([0, 0, 0], { width: 16, height: 16 }),
        sourceSize: { width: 64, height: 32 },
        fit: 'cover',
      }),
    )
    expect(findings).toMatchObject([{ detections: [{ x: 28, y: 8, width: 8, height: 16 }] }])
  })

  it('gives its boxes in the pixels of the whole picture where a part of it is looked at', async () => {
    const { dims, values } = layouts.v8
    const worker = await start([await detector(constantModel(dims, values))])
    const { findings } = await worker.run(
      task({ sourceSize: { width: 640, height: 480 }, crop: { x: 100, y: 50, width: 16, height: 16 } }),
    )
    expect(findings).toMatchObject([{ detections: [{ x: 106, y: 54, width: 4, height: 8 }] }])
  })

  it('has seen nothing where it saw only the bars', async () => {
    const worker = await start([await detector(constantModel([1, 6, 1], [4, 0.5, 2, 1, 0.75, 0]))])
    const { findings } = await worker.run(
      task({ picture: picture([0, 0, 0], { width: 8, height: 4 }), sourceSize: { width: 8, height: 4 } }),
    )
    expect(findings).toEqual([{ kind: 'detect', model: 'bolts', detections: [] }])
  })

  it.each([
    { count: 299, kept: 299, isAtBound: undefined },
    { count: 300, kept: 300, isAtBound: true },
    { count: 301, kept: 300, isAtBound: true },
  ])('that finds $count keeps $kept, and says of 300 that there may have been more', async (options) => {
    const { count, kept, isAtBound } = options
    // Side by side in a row, each a nut of 0.75.
    const channel = (value: (at: number) => number) => Array.from({ length: count }, (_, at) => value(at))
    const columns = [(at: number) => (at + 0.5) / 50, 4, 1 / 100, 1, 0, 0.75]
    const values = columns.flatMap((value) => channel(typeof value === 'number' ? () => value : value))
    const worker = await start([await detector(constantModel([1, 6, count], values))])
    const [finding] = (await worker.run(task())).findings
    expect(finding).toMatchObject({ kind: 'detect', model: 'bolts' })
    expect(finding?.kind === 'detect' && [finding.detections.length, finding.isAtBound]).toEqual([kept, isAtBound])
  })

  it('takes its labels from the metadata where the configuration gives none', async () => {
    const metadata = { names: "{0: 'screw', 1: 'rivet'}" }
    const { dims, values } = layouts.v8
    const worker = await start([await detector(constantModel(dims, values, { metadata }), { labels: undefined })])
    expect(worker.models[0]?.labels).toEqual(['screw', 'rivet'])
  })

  it.each([
    { what: 'its metadata', metadata: { imgsz: '[16, 24]' }, input: { width: 24, height: 16 } },
    { what: 'one number in its metadata', metadata: { imgsz: '32' }, input: { width: 32, height: 32 } },
    { what: 'a tuple in its metadata', metadata: { imgsz: '(16, 24)' }, input: { width: 24, height: 16 } },
    {
      what: 'its metadata, up to a multiple of its stride',
      metadata: { imgsz: '[65, 96]', stride: '32' },
      input: { width: 96, height: 96 },
    },
    { what: 'what is usual', metadata: {}, input: { width: 640, height: 640 } },
  ])('that takes any size is given that of $what', async ({ metadata, input }) => {
    const { dims, values } = layouts.v8
    const shape: ModelShape = { metadata, input: { name: 'images', dims: ['batch', 3, 'height', 'width'] } }
    const worker = await start([await detector(constantModel(dims, values, shape))])
    expect(worker.models[0]?.input).toEqual(input)
    await worker.run(task())
  })

  const sound = { imgsz: '[32, 32]', stride: '8' }
  it.each([
    { shape: ['height', 'width'], input: { width: 96, height: 64 }, metadata: sound },
    { shape: ['height', 8], input: { width: 8, height: 64 }, metadata: sound },
    { shape: [8, 8], input: { width: 8, height: 8 }, metadata: sound },
    { shape: ['height', 'width'], input: { width: 96, height: 64 }, metadata: { ...sound, imgsz: 'auto' } },
    { shape: ['height', 'width'], input: { width: 95, height: 64 }, metadata: { ...sound, stride: 'none' } },
  ])('of the shape $shape is given what is asked for, not what its metadata says: $metadata', async (options) => {
    const { shape, input, metadata } = options
    const { dims, values } = layouts.v8
    const open = constantModel(dims, values, { metadata, input: { name: 'images', dims: [1, 3, ...shape] } })
    const worker = await start([await detector(open, { input })])
    expect(worker.models[0]?.input).toEqual(input)
    await worker.run(task())
  })

  it('fails the frame when it finds a class that has no label, and runs the next', async () => {
    const worker = await start([await detector(constantModel([1, 1, 6], [3, 2, 5, 6, 0.75, 2]), {})])
    await expect(worker.run(task())).rejects.toMatchObject({
      code: 'inference.failed',
      message: 'Model bolts failed on a frame: it found class 2, and 2 labels are given',
    })
    const none = task({ models: [{ model: 'bolts', scoreThreshold: 0.9, iouThreshold: 0.5 }] })
    expect((await worker.run(none)).findings).toEqual([{ kind: 'detect', model: 'bolts', detections: [] }])
  })

  it('fails the frame when its numbers are none, and does not say that it saw nothing', async () => {
    // The square root of what is darker than white: real for white, and not a number otherwise.
    const bytes = makeModel((graph) => {
      const darkest = graph.op('ReduceMin', ['images'], { keepdims: { int: 0 } })
      const root = graph.op('Sqrt', [graph.op('Sub', [darkest, graph.floats(1)])])
      return graph.op('Add', [graph.floats(layouts.v8.values, layouts.v8.dims), root])
    })
    const worker = await start([await detector(bytes)])
    await expect(worker.run(task())).rejects.toThrow(/Model bolts failed on a frame: a candidate is not a number/)
    expect((await worker.run(task({ picture: picture([255, 255, 255]) }))).findings).toHaveLength(1)
  })
})

describe('a detector of half precision', () => {
  it('is given halves, and its answer is read as any other', async () => {
    const { dims, values } = layouts.v8
    const graph = new OnnxGraph()
    const floats = graph.op('Cast', ['images'], { to: { int: 1 } })
    const nothing = graph.op('Mul', [graph.op('ReduceMax', [floats], { keepdims: { int: 0 } }), graph.floats(0)])
    const halves = graph.op('Cast', [graph.op('Add', [graph.floats(values, dims), nothing])], { to: { int: 10 } })
    graph.output('output0', halves)
    const bytes = graph.encode({
      name: 'half',
      inputs: [{ name: 'images', dims: [1, 3, 8, 8], type: 'float16' }],
      outputs: [{ name: 'output0', dims, type: 'float16' }],
    })
    const worker = await start([await detector(bytes)])
    expect(worker.models[0]?.type).toBe('float16')
    expect((await worker.run(task())).findings).toMatchObject([
      { detections: [{ x: 3, y: 2, width: 2, height: 4, label: 'nut', score: 0.75 }] },
    ])
  })
})

describe('a detector that takes bytes', () => {
  it('is given those of the picture, from 0 to 255', async () => {
    const graph = new OnnxGraph()
    const floats = graph.op('Cast', ['images'], { to: { int: 1 } })
    graph.output('output0', graph.op('ReduceMean', [floats], { axes: [2, 3], keepdims: { int: 0 } }))
    const bytes = graph.encode({
      name: 'bytes',
      inputs: [{ name: 'images', dims: [1, 3, 8, 8], type: 'uint8' }],
      outputs: [{ name: 'output0', dims: [1, 3] }],
    })
    const worker = await start([await classifier(bytes, logits)])
    const { findings } = await worker.run(task({ picture: picture([10, 0, 250]) }, 'belt'))
    // As logits, 250 leaves nothing to the others.
    expect(findings).toMatchObject([{ scores: [{ label: 'blue', score: 1 }, { label: 'red' }, { label: 'green' }] }])
  })
})

/** A provider whose sessions open and fail to run. Answers how many of them have been released. */
function failingOn(provider: string): () => number {
  let released = 0
  const create = InferenceSession.create.bind(InferenceSession) as (...by: unknown[]) => Promise<InferenceSession>
  vi.spyOn(InferenceSession, 'create').mockImplementation(async (...by: unknown[]) => {
    const { executionProviders } = by[1] as InferenceSession.SessionOptions
    if (executionProviders?.[0] !== provider) return create(...by)
    const session = await create(by[0], { ...(by[1] as object), executionProviders: ['cpu'] })
    const release = session.release.bind(session)
    return Object.assign(session, {
      run: () => Promise.reject(new Error('no kernel\nfor this device')),
      release: () => (released++, release()),
    })
  })
  onTestFinished(() => void vi.restoreAllMocks())
  return () => released
}

describe('a provider that cannot be had', () => {
  it('is declined with its reason, and the next one is taken', async () => {
    const { dims, values } = layouts.v8
    const worker = await start([await detector(constantModel(dims, values), { providers: ['tensorrt', 'cuda'] })])
    const [model] = worker.models
    expect(model?.provider).toBe('cpu')
    expect(model?.declined.map(({ provider }) => provider)).toEqual(['tensorrt', 'cuda'])
    expect(model?.declined[0]?.reason).toMatch(/^OrtSessionOptionsAppendExecutionProvider_TensorRT: [^\n]+$/)
    expect((await worker.run(task())).findings).toHaveLength(1)
  })

  it('is declined where it opens a model and fails to run it, and the next one is taken', async () => {
    const released = failingOn('cuda')
    const { dims, values } = layouts.v8
    const worker = await start([await detector(constantModel(dims, values), { providers: ['cuda'] })])
    const [model] = worker.models
    expect(model).toMatchObject({
      provider: 'cpu',
      declined: [{ provider: 'cuda', reason: 'no kernel for this device' }],
    })
    expect(released()).toBe(1)
    expect((await worker.run(task())).findings).toHaveLength(1)
  })

  it('is declined likewise of models that read', async () => {
    failingOn('cuda')
    const spec = { name: 'codes', kind: 'read', labels: undefined, layout: 'auto', providers: ['cuda'] } as const
    const { facts } = await loadReader({ ...spec, file: recogniser, dictionary, detector: textDetector })
    expect(facts).toMatchObject({
      provider: 'cpu',
      declined: [{ provider: 'cuda', reason: 'no kernel for this device' }],
    })
  })
})

describe('a classifier', () => {
  it('sees the picture that is in shared memory, in red, green and blue', async () => {
    const worker = await start([await classifier(meansModel(3), logits)])
    const { findings } = await worker.run(task({ picture: picture([51, 153, 102]) }, 'belt'))
    const [scores] = findings.map((finding) => (finding.kind === 'classify' ? finding.scores : []))
    // The softmax of the means, which are 0.2, 0.6 and 0.4.
    expect(scores?.map(({ label }) => label)).toEqual(['green', 'blue', 'red'])
    expect(scores?.[0]?.score).toBeCloseTo(Math.exp(0.6) / (Math.exp(0.2) + Math.exp(0.6) + Math.exp(0.4)), 5)
  })

  it('that gives probabilities is taken at its word', async () => {
    const worker = await start([await classifier(constantModel([1, 3], [0.25, 0.125, 0.625]))])
    expect((await worker.run(task({}, 'belt'))).findings).toEqual([
      {
        kind: 'classify',
        model: 'belt',
        scores: [
          { label: 'blue', score: 0.625 },
          { label: 'red', score: 0.25 },
          { label: 'green', score: 0.125 },
        ],
      },
    ])
  })

  it.each([
    {
      what: 'a softmax in bytes, of which a step is lost',
      values: [255 / 256, 0, 0],
      scores: 'probabilities' as const,
    },
    {
      what: 'logits by what it says of a black picture',
      values: [Math.log(6), 0, Math.log(3)],
      scores: 'logits' as const,
    },
  ])('is taken for $what', async ({ values, scores }) => {
    const worker = await start([await classifier(constantModel([1, 3], values))])
    expect(worker.models[0]?.scores).toBe(scores)
    const { findings } = await worker.run(task({}, 'belt'))
    const red = scores === 'logits' ? (expect.closeTo(0.6, 5) as number) : 255 / 256
    expect(findings).toMatchObject([{ scores: [{ label: 'red', score: red }, {}, {}] }])
  })

  it.each([
    { asked: 'probabilities' as const, score: 0.75 },
    { asked: 'logits' as const, score: Math.exp(0.75) / (Math.exp(0.75) + 2 * Math.exp(0.5)) },
    { asked: 'independent-logits' as const, score: 1 / (1 + Math.exp(-0.75)) },
  ])('whose scores could be anything gives $asked where that is said', async ({ asked, score }) => {
    const worker = await start([await classifier(constantModel([1, 3], [0.75, 0.5, 0.5]), { scores: asked })])
    expect(worker.models[0]?.scores).toBe(asked)
    const { findings } = await worker.run(task({}, 'belt'))
    expect(findings).toMatchObject([{ scores: [{ label: 'red', score: expect.closeTo(score, 5) as number }, {}, {}] }])
  })

  it('that takes two frames is given the one before first', async () => {
    const labels = ['red before', 'green before', 'blue before', 'red', 'green', 'blue']
    const worker = await start([await classifier(meansModel(6, { metadata: { frames: '2' } }), { labels, ...logits })])
    expect(worker.models[0]).toMatchObject({ frames: 2, input: square })
    const { findings } = await worker.run(
      task({ previous: picture([30, 20, 10]), picture: picture([60, 50, 40]) }, 'belt'),
    )
    expect(findings).toMatchObject([{ scores: [6, 5, 4, 3, 2, 1].map((rank) => ({ label: labels[[2, 1, 0, 5, 4, 3].indexOf(rank - 1)] })) }]) // prettier-ignore
  })

  it('that takes two frames fails on one', async () => {
    const labels = ['a', 'b', 'c', 'd', 'e', 'f']
    const worker = await start([await classifier(meansModel(6), { labels, ...logits })])
    await expect(worker.run(task({}, 'belt'))).rejects.toThrow(
      'Model belt failed on a frame: it takes two frames and was given one',
    )
  })
})

describe('several models', () => {
  it('answer for one frame in the order in which they are asked', async () => {
    const { dims, values } = layouts.v5
    const worker = await start([await detector(constantModel(dims, values)), await classifier(meansModel(3), logits)])
    expect(worker.models.map(({ name }) => name)).toEqual(['bolts', 'belt'])
    const use = { scoreThreshold: 0.5, iouThreshold: 0.5 }
    const both = await worker.run(task({ models: ['belt', 'bolts'].map((model) => ({ model, ...use })) }))
    expect(both.findings.map(({ model }) => model)).toEqual(['belt', 'bolts'])
    const one = await worker.run(task({ models: [{ model: 'belt', ...use }] }))
    expect(one.findings.map(({ model }) => model)).toEqual(['belt'])
  })

  it('see each frame anew where it has to be scaled', async () => {
    const worker = await start([await classifier(meansModel(3), logits)])
    const size = { width: 16, height: 16 }
    for (const [colour, label] of [
      [[255, 0, 0], 'red'],
      [[0, 255, 0], 'green'],
    ] as const) {
      const { findings } = await worker.run(task({ picture: picture(colour, size), sourceSize: size }, 'belt'))
      expect(findings).toMatchObject([{ scores: [{ label }, {}, {}] }])
    }
  })

  it('see cameras of different sizes in turn', async () => {
    const worker = await start([await classifier(meansModel(3), logits)])
    for (let round = 0; round < 3; round++) {
      for (const size of [square, { width: 16, height: 16 }, { width: 8, height: 4 }]) {
        const { findings } = await worker.run(task({ picture: picture([0, 0, 255], size), fit: 'stretch' }, 'belt'))
        expect(findings).toMatchObject([{ scores: [{ label: 'blue' }, {}, {}] }])
      }
    }
  })
})

describe('a model that reads', () => {
  it('has only those lines that score as much as is asked for', async () => {
    const loaded = await loadModel(await classifier(meansModel(3), logits))
    const at = { x: 1, y: 1, width: 4, height: 2 }
    const lines = [0.49, 0.5, 0.9].map((score) => ({ ...at, text: `LOT ${score}`, score }))
    const reader = { facts: loaded.facts, readLines: () => Promise.resolve({ lines, isAtBound: false }) }
    const [finding] = await runFrame(task(), new Map([['bolts', reader]]), new Preprocessor())
    expect(finding).toEqual({ kind: 'read', model: 'bolts', lines: lines.slice(1) })
  })

  it.each([
    { fit: 'letterbox', shown: { x: 0, y: 4, width: 16, height: 8 }, line: { x: 0, y: 0, width: 64, height: 32 } },
    { fit: 'cover', shown: { x: 0, y: 0, width: 16, height: 16 }, line: { x: 16, y: 0, width: 32, height: 32 } },
  ] as const)('is shown what of the camera is in the picture: $fit', async ({ fit, shown, line }) => {
    const loaded = await loadModel(await classifier(meansModel(3), logits))
    const seen: unknown[] = []
    const readLines: ReadyReader['readLines'] = async (_, box) => {
      seen.push(box)
      return { lines: [{ ...box, text: 'A', score: 1 }], isAtBound: false }
    }
    const of = { picture: picture([0, 0, 0], { width: 16, height: 16 }), sourceSize: { width: 64, height: 32 }, fit }
    const reader = { facts: loaded.facts, readLines }
    const [finding] = await runFrame(task(of), new Map([['bolts', reader]]), new Preprocessor())
    expect(seen).toEqual([shown])
    expect(finding).toEqual({ kind: 'read', model: 'bolts', lines: [{ ...line, text: 'A', score: 1 }] })
  })

  it('says that as many lines were found as are read, however few have a text', async () => {
    const loaded = await loadModel(await classifier(meansModel(3), logits))
    const reader = { facts: loaded.facts, readLines: () => Promise.resolve({ lines: [], isAtBound: true }) }
    const [finding] = await runFrame(task(), new Map([['bolts', reader]]), new Preprocessor())
    expect(finding).toEqual({ kind: 'read', model: 'bolts', lines: [], isAtBound: true })
  })
})

import { describe, expect, it, onTestFinished } from 'vitest'
import { InferenceError, ModelRefusedError, WorkerDiedError } from '../../../src/domain/inference-errors.ts'
import type { ModelToLoad } from '../../../src/domain/model.ts'
import type { WorkerEntry } from '../../../src/adapters/worker-entry.ts'
import { createPiscinaRunner } from '../../../src/adapters/inference/piscina-runner.ts'
import type { ModelWorker } from '../../../src/ports/model-runner.ts'
import {
  classifier,
  constantModel,
  detector,
  layouts,
  meansModel,
  picture,
  task,
} from '../../workers/inference/support.ts'

const never = () => new AbortController().signal
async function start(specs: readonly ModelToLoad[], entry?: WorkerEntry): Promise<ModelWorker> {
  const worker = await createPiscinaRunner(entry).startWorker(specs, never())
  onTestFinished(() => worker.close())
  return worker
}

const { dims, values } = layouts.v8

describe('a thread with a model', () => {
  it('says what the model is, and answers with what it sees', async () => {
    const worker = await start([await detector(constantModel(dims, values))])
    expect(worker.models).toEqual([
      {
        name: 'bolts',
        kind: 'detect',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        input: { width: 8, height: 8 },
        frames: 1,
        type: 'float32',
        labels: ['bolt', 'nut'],
        layout: 'v8',
        provider: 'cpu',
        declined: [],
        tensors: { input: 'images: float32 [1, 3, 8, 8]', output: 'output0: float32 [1, 6, 2]', unread: [] },
      },
    ])
    const answer = await worker.run(task())
    expect(answer.findings).toEqual([
      {
        kind: 'detect',
        model: 'bolts',
        detections: [{ x: 3, y: 2, width: 2, height: 4, label: 'nut', score: 0.75 }],
      },
    ])
    expect(answer.elapsed).toBeGreaterThan(0)
  })

  it('runs it where it can, and says what could not be had', async () => {
    const worker = await start([await detector(constantModel(dims, values), { providers: ['tensorrt', 'cuda'] })])
    expect(worker.models).toMatchObject([
      {
        provider: 'cpu',
        declined: [{ provider: 'tensorrt' }, { provider: 'cuda', reason: expect.stringMatching(/^[^\n]+$/) as string }],
      },
    ])
    expect((await worker.run(task())).findings).toMatchObject([{ detections: [{ label: 'nut' }] }])
  })

  it('fails a frame whose model fails, and is fit for the next', async () => {
    const worker = await start([await detector(constantModel([1, 1, 6], [3, 2, 5, 6, 0.75, 2]))])
    const failed: unknown = await worker.run(task()).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(InferenceError)
    expect(failed).toMatchObject({ model: 'bolts', detail: 'it found class 2, and 2 labels are given' })
    const none = task({ models: [{ model: 'bolts', scoreThreshold: 0.9, iouThreshold: 0.5 }] })
    expect((await worker.run(none)).findings).toEqual([{ kind: 'detect', model: 'bolts', detections: [] }])
  })

  it('is not started with a model that is refused, and the reason comes across', async () => {
    const spec = await detector(constantModel(dims, values), { labels: ['bolt', 'nut', 'screw'] })
    const refused: unknown = await createPiscinaRunner()
      .startWorker([spec], never())
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ModelRefusedError)
    expect(refused).toMatchObject({ model: 'bolts', file: spec.file, code: 'model.refused' })
  })

  it('takes one task and one after it, and answers each from its own picture', async () => {
    const worker = await start([await classifier(meansModel(3), { scores: 'logits' })])
    const colours = [[200, 0, 0], [0, 0, 200]] as const // prettier-ignore
    for (let round = 0; round < 10; round++) {
      const both = Promise.all(colours.map((colour) => worker.run(task({ picture: picture(colour) }, 'belt'))))
      await expect(worker.run(task())).rejects.toThrow('An inference thread takes one task and one after it')
      const found = (await both).map(({ findings }) => findings)
      expect(found).toMatchObject([[{ scores: [{ label: 'red' }, {}, {}] }], [{ scores: [{ label: 'blue' }, {}, {}] }]])
    }
  })
})

const doomed: WorkerEntry = { url: new URL('workers/doomed.ts', import.meta.url), execArgv: ['--import', 'tsx'] }
const doomedTo = (name: string): ModelToLoad[] => [
  { name, kind: 'detect', file: '-', labels: undefined, layout: 'auto' },
]

describe('a thread that dies', () => {
  it('in a task fails that task and every one after it', async () => {
    const worker = await start(doomedTo('run: exit'), doomed)
    const [inHand, ahead] = [worker.run(task({}, 'run: exit')), worker.run(task({}, 'run: exit'))]
    await Promise.allSettled([inHand, ahead])
    await expect(inHand).rejects.toThrow(new WorkerDiedError('worker exited with code: 3'))
    await expect(ahead).rejects.toBeInstanceOf(WorkerDiedError)
    await expect(worker.run(task({}, 'run: exit'))).rejects.toBeInstanceOf(WorkerDiedError)
    await worker.close()
  })

  it('while it loads fails the start', async () => {
    await expect(start(doomedTo('load: exit'), doomed)).rejects.toBeInstanceOf(WorkerDiedError)
  })

  it('before it has begun fails the start', async () => {
    const missing = { ...doomed, url: new URL('workers/missing.ts', import.meta.url) }
    await expect(start(doomedTo('run: exit'), missing)).rejects.toThrow(/An inference worker died: .*missing\.ts/)
  })

  it('is one that throws what is not its to throw', async () => {
    const worker = await start(doomedTo('run: throw'), doomed)
    await expect(worker.run(task({}, 'run: throw'))).rejects.toThrow(new WorkerDiedError('a bug'))
    await expect(worker.run(task({}, 'run: throw'))).rejects.toBeInstanceOf(WorkerDiedError)
  })
})

describe('a runner', () => {
  it('has ended once each thread has: those that were closed, and those given up while they loaded', async () => {
    const runner = createPiscinaRunner(doomed)
    await runner.ended()
    const stop = new AbortController()
    const closed = await runner.startWorker(doomedTo('run: hang'), never())
    const givenUp = runner.startWorker(doomedTo('load: hang'), stop.signal)
    stop.abort(new Error('stopping'))
    await expect(givenUp).rejects.toThrow('stopping')
    const order: string[] = []
    const run = closed.run(task({}, 'run: hang')).then(() => order.push('answered'))
    const ended = runner.ended().then(() => order.push('ended'))
    void closed.close()
    await Promise.all([run, ended])
    expect(order).toEqual(['answered', 'ended'])
  })
})

describe('closing', () => {
  it('waits for the task under way', async () => {
    const worker = await start(doomedTo('run: hang'), doomed)
    const order: string[] = []
    const run = worker.run(task({}, 'run: hang')).then(() => order.push('answered'))
    await worker.close().then(() => order.push('closed'))
    await run
    expect(order).toEqual(['answered', 'closed'])
  })

  it('takes no task after it', async () => {
    const worker = await start(doomedTo('run: exit'), doomed)
    await worker.close()
    await expect(worker.run(task({}, 'run: exit'))).rejects.toThrow('An inference worker died: it was closed')
  })

  it('lets go at once of a start that is aborted, while its thread is busy', async () => {
    const stop = new AbortController()
    const starting = createPiscinaRunner(doomed).startWorker(doomedTo('load: hang'), stop.signal)
    stop.abort(new Error('stopping'))
    await expect(starting).rejects.toThrow('stopping')
    await expect(createPiscinaRunner(doomed).startWorker(doomedTo('run: exit'), stop.signal)).rejects.toThrow(
      'stopping',
    )
  })
})

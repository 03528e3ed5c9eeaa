import { describe, expect, it } from 'vitest'
import { Loose } from '../../../src/actors/loose.ts'
import { areEnded, checkModel } from '../../../src/commands/check/check-model.ts'
import { ModelRefusedError } from '../../../src/domain/inference-errors.ts'
import type { LoadedModel, ModelToLoad } from '../../../src/domain/model.ts'
import { seconds } from '../../../src/domain/units.ts'
import { asUsual, FakeModelRunner, FakeWorker } from '../../fakes/fake-model-runner.ts'
import { settle, VirtualClock } from '../../fakes/virtual-clock.ts'

const spec: ModelToLoad = {
  name: 'scratches',
  kind: 'detect',
  file: '/models/scratches.onnx',
  labels: ['scratch', 'dent'],
  layout: 'auto',
}

const start = async (runner = new FakeModelRunner(), model = spec) => {
  const clock = new VirtualClock()
  const interruption = new AbortController()
  const threads = new Loose()
  let idle = false
  const checked = checkModel(model, { runner, deadline: seconds(2), threads }, { clock, signal: interruption.signal })
  await settle()
  return {
    clock,
    interruption,
    checked,
    runner,
    isIdle: async () => {
      void threads.settled().then(() => (idle = true))
      await settle()
      return idle
    },
  }
}

const byHand = () => Object.assign(new FakeModelRunner(), { byHand: true })

describe('a model that answers', () => {
  it('says what it is and what a frame takes, and its thread is ended', async () => {
    const { checked, runner, isIdle } = await start()
    runner.running[0]?.answer()
    expect(await checked).toEqual({
      line: {
        name: 'scratches',
        what: 'model',
        outcome: 'ok',
        took: 0,
        detail: 'detect, 640x640, 1 frame, float32, layout v8, labels scratch, dent, 10.0 ms a frame',
      },
      loaded: expect.objectContaining({ name: 'scratches' }) as LoadedModel,
      median: 10,
      aLine: undefined,
      refusal: undefined,
    })
    expect(await isIdle()).toBe(true)
    expect(runner.workers[0]?.closed).toBe(true)
  })

  it('is asked for one grey frame of its own size', async () => {
    const { runner } = await start()
    const { picture, previous, models } = runner.running[0]?.task ?? {}
    expect(picture?.size).toEqual({ width: 640, height: 640 })
    expect(new Set(new Uint8Array(picture?.buffer ?? new SharedArrayBuffer(0)))).toEqual(new Set([114]))
    expect(picture?.buffer.byteLength).toBe(640 * 640 * 3)
    expect(previous).toBeUndefined()
    expect(models?.map(({ model }) => model)).toEqual(['scratches'])
  })
})

describe('a classifier of two frames with many labels', () => {
  const model: LoadedModel = {
    ...asUsual,
    name: 'scratches',
    kind: 'classify',
    input: { width: 160, height: 120 },
    frames: 2,
    labels: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
    layout: undefined,
    scores: 'logits',
  }

  it('is given both, and names the first labels', async () => {
    const worker = new FakeWorker([model])
    const runner = Object.assign(new FakeModelRunner(), { startWorker: async () => worker })
    const { checked } = await start(runner)
    expect(worker.runs[0]?.task.previous?.size).toEqual({ width: 160, height: 120 })
    worker.runs[0]?.answer()
    expect((await checked).line.detail).toBe(
      'classify, 160x120, 2 frames, float32, scores taken as logits, labels a, b, c, d, e, and 2 more, 10.0 ms a frame',
    )
  })
})

describe('a model of which more is to be said', () => {
  const said = async (more: Partial<LoadedModel>): Promise<string> => {
    const model: LoadedModel = {
      ...asUsual,
      name: 'scratches',
      kind: 'classify',
      input: { width: 64, height: 64 },
      frames: 1,
      labels: ['scratch'],
      layout: undefined,
      ...more,
    }
    const worker = new FakeWorker([model])
    const runner = Object.assign(new FakeModelRunner(), { startWorker: async () => worker })
    const { checked } = await start(runner)
    worker.runs[0]?.answer()
    return (await checked).line.detail
  }

  it('says what may be wrong with it', async () => {
    expect(await said({ doubt: 'it may be upside down' })).toBe(
      'classify, 64x64, 1 frame, float32, beware: it may be upside down, label scratch, 10.0 ms a frame',
    )
  })

  it('says that a picture is one line, and no more of lines', async () => {
    expect(await said({ kind: 'read', reads: { characters: 9, detector: undefined } })).toBe(
      'read, 64x64, 1 frame, float32, 9 characters, the picture is one line, 10.0 ms a frame',
    )
  })
})

describe('a reader that finds its lines', () => {
  const reader = (detector: string | undefined): LoadedModel => ({
    ...asUsual,
    name: 'scratches',
    kind: 'read',
    input: detector === undefined ? { width: 320, height: 48 } : { width: 640, height: 640 },
    frames: 1,
    labels: [],
    layout: undefined,
    reads: { characters: 9, detector, finds: detector === undefined ? undefined : finds },
  })
  const finds = { ...asUsual, declined: [{ provider: 'cuda', reason: 'no room' }] } as const

  it('is run on a line as well, without what finds them, and says what that takes', async () => {
    const workers: FakeWorker[] = []
    const startWorker = async ([{ detector }]: readonly [ModelToLoad]) => {
      const worker = new FakeWorker([reader(detector)])
      workers.push(worker)
      return worker
    }
    const { checked, isIdle } = await start(Object.assign(new FakeModelRunner(), { startWorker }), {
      ...spec,
      detector: 'lines.onnx',
    })
    workers[0]?.runs[0]?.answer()
    await settle()
    expect(workers[1]?.runs[0]?.task.picture.size).toEqual({ width: 320, height: 48 })
    workers[1]?.runs[0]?.answer()
    expect(await checked).toMatchObject({
      line: {
        detail:
          'read, 640x640, 1 frame, float32, lines found on cpu, not on cuda: no room, 9 characters, lines found by lines.onnx, 10.0 ms a frame without text; each line of text, up to 32 in a frame, takes 10.0 ms more at 320x48, longer ones as much more as they are longer',
      },
      aLine: { median: 10, size: { width: 320, height: 48 } },
    })
    expect(await isIdle()).toBe(true)
    expect(workers.map(({ closed }) => closed)).toEqual([true, true])
  })
})

describe('a detector that suppresses by itself', () => {
  it('says that one threshold of the cameras does nothing', async () => {
    const model: LoadedModel = {
      ...asUsual,
      name: 'scratches',
      kind: 'detect',
      input: { width: 64, height: 64 },
      frames: 1,
      labels: ['scratch'],
      layout: 'end-to-end',
    }
    const worker = new FakeWorker([model])
    const runner = Object.assign(new FakeModelRunner(), { startWorker: async () => worker })
    const { checked } = await start(runner)
    worker.runs[0]?.answer()
    expect((await checked).line.detail).toBe(
      'detect, 64x64, 1 frame, float32, layout end-to-end, suppressed by the model, without `iouThreshold`, label scratch, 10.0 ms a frame',
    )
  })
})

describe('a model that cannot be used', () => {
  it('says why it is refused', async () => {
    const { checked, runner } = await start(byHand())
    runner.starts[0]?.fail(new ModelRefusedError('scratches', spec.file, 'no such file'))
    expect(await checked).toEqual({
      line: {
        name: 'scratches',
        what: 'model',
        outcome: 'failed',
        took: 0,
        detail: 'Model scratches (/models/scratches.onnx) is refused: no such file',
      },
      loaded: undefined,
      median: undefined,
      aLine: undefined,
      refusal: 'no such file',
    })
  })

  it('says that it fails on a frame, and its thread is ended', async () => {
    const { checked, runner, isIdle } = await start()
    runner.running[0]?.fail('bad shape')
    expect((await checked).line).toMatchObject({
      outcome: 'failed',
      detail: 'Model scratches failed on a frame: bad shape',
    })
    expect(await isIdle()).toBe(true)
  })
})

describe('a model that takes too long', () => {
  it('over loading is given up after a minute, and ended once it has loaded', async () => {
    const { checked, clock, runner, isIdle } = await start(byHand())
    await clock.advanceAsync(seconds(60) - 1)
    let isDone = false
    void checked.then(() => (isDone = true))
    await settle()
    expect(isDone).toBe(false)
    await clock.advanceAsync(1)
    expect((await checked).line).toMatchObject({
      outcome: 'failed',
      detail: 'Model scratches (/models/scratches.onnx) was not loaded within 60.0 s',
    })
    expect(await isIdle()).toBe(false)
    runner.starts[0]?.succeed()
    expect(await isIdle()).toBe(true)
    expect(runner.workers[0]?.closed).toBe(true)
  })

  it('over a frame is failed at its deadline, and its thread is never cut off', async () => {
    const { checked, clock, runner, isIdle } = await start()
    await clock.advanceAsync(seconds(2))
    expect((await checked).line).toMatchObject({
      outcome: 'failed',
      took: seconds(2),
      detail: 'Model scratches has not answered within 2.0 s (inference.deadline)',
    })
    expect(await isIdle()).toBe(false)
    runner.running[0]?.answer()
    expect(await isIdle()).toBe(true)
  })

  it('and answers just in time is fine', async () => {
    const { checked, clock, runner } = await start()
    await clock.advanceAsync(seconds(2) - 1)
    runner.running[0]?.answer()
    expect((await checked).line.outcome).toBe('ok')
    expect(clock.pending).toBe(0)
  })
})

describe('an interruption', () => {
  it('while a model loads leaves its thread to end by itself', async () => {
    const { checked, interruption, runner, isIdle } = await start(byHand())
    interruption.abort(new Error('SIGINT'))
    expect((await checked).line.outcome).toBe('interrupted')
    expect(await isIdle()).toBe(false)
    runner.starts[0]?.succeed()
    expect(await isIdle()).toBe(true)
    expect(runner.workers[0]?.runs).toEqual([])
  })
})

describe('a thread that goes on after the checks', () => {
  it.each([
    { ms: 4_999, ended: true },
    { ms: 5_000, ended: false },
  ])('for $ms ms: has ended is $ended', async ({ ms, ended }) => {
    const clock = new VirtualClock()
    const threads = new Loose()
    threads.add(new Promise<void>((resolve) => clock.setTimeout(() => clock.setTimeout(resolve, 0), ms)))
    // Interrupted already: what has to end is waited for all the same.
    const found = areEnded(threads, { clock, signal: AbortSignal.abort() })
    await clock.advanceAsync(5_000)
    expect(await found).toBe(ended)
  })
})

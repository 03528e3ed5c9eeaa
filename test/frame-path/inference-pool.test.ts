import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { ModelRefusedError, WorkerDiedError } from '../../src/domain/inference-errors.ts'
import { milliseconds, minutes, seconds } from '../../src/domain/units.ts'
import { FrameScheduler } from '../../src/frame-path/frame-scheduler.ts'
import { HungThreads } from '../../src/frame-path/hung-threads.ts'
import { serveInference } from '../../src/frame-path/inference-pool.ts'
import type { PoolDrained, PoolEvent } from '../../src/frame-path/pool-events.ts'
import type { PoolOptions } from '../../src/frame-path/pool-options.ts'
import { FakeModelRunner, type FakeRun, type FakeStart } from '../fakes/fake-model-runner.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { nothingDropped, nothingFailed, startLane } from './support.ts'

/** A pool of two workers with a deadline of 2 s, one lossless camera, and everything it says. */
function startPool(options: Partial<PoolOptions> & { readonly runner?: FakeModelRunner } = {}) {
  const clock = new VirtualClock()
  const runner = options.runner ?? new FakeModelRunner()
  const hung = options.hung ?? new HungThreads()
  const scheduler = new FrameScheduler()
  const camera = startLane({ clock, policy: 'wait', workers: 8 })
  scheduler.add(camera.lane)
  const [cut, finish] = [new AbortController(), new AbortController()]
  const failures: string[] = []
  const pool = serveInference({
    models: [{ name: 'bolts', kind: 'detect', file: '/models/bolts.onnx', labels: ['bolt'], layout: 'auto' }],
    workers: 2,
    deadline: seconds(2),
    scheduler,
    clock,
    onFailedFrame: ({ number }, { message }) => void failures.push(`${number}: ${message}`),
    signal: cut.signal,
    finish: finish.signal,
    ...options,
    runner,
    hung,
  })
  const events: string[] = []
  let outcome: PoolDrained | { error: unknown } | undefined
  const read = async (): Promise<void> => {
    try {
      for (let next = await pool.next(); ; next = await pool.next()) {
        if (next.done === true) {
          outcome = next.value
          return
        }
        events.push(brief(next.value))
      }
    } catch (error) {
      outcome = { error }
    }
  }
  void read()
  const first = (): FakeRun => {
    const [run] = runner.running
    if (run === undefined) throw new Error('Nothing runs')
    return run
  }
  /** Two at a time: no more of a lossless camera's frames may wait. */
  const captureAll = async (frames: number): Promise<void> => {
    for (let frame = 0; frame < frames; frame++) {
      expect(camera.capture()).toBe(true)
      if (frame % 2 === 1) await settle()
    }
    await settle()
  }
  return {
    ...camera,
    captureAll,
    clock,
    runner,
    hung,
    scheduler,
    cut,
    finish,
    pool,
    events,
    failures,
    outcome: () => outcome,
    first,
  }
}

function brief(event: PoolEvent): string {
  switch (event.type) {
    case 'pool.ready':
      return `ready with ${event.models.map(({ name }) => name).join(', ')}`
    case 'worker.retired':
      return event.why === 'loading'
        ? `retired while loading, ${event.wedged} wedged`
        : `retired by frame ${event.frame.number}: ${event.why}, ${event.wedged} wedged`
    case 'worker.returned':
      return `returned, ${event.wedged} wedged`
    case 'worker.replaced':
      return ['replaced', ...event.models.map(({ name, provider }) => `${name} on ${provider}`)].join(', ')
    case 'worker.refused':
      return `refused: ${event.why}, again in ${event.retryIn}`
    case 'pool.wedged':
      return `wedged: ${event.workers}`
  }
}

describe('a pool that starts', () => {
  it('is ready when all its workers are, however long that takes', async () => {
    const runner = new FakeModelRunner()
    runner.byHand = true
    const { clock, events } = startPool({ runner })
    await settle()
    runner.starts[0]?.succeed()
    await clock.advanceAsync(minutes(30))
    expect(events).toEqual([])
    runner.starts[1]?.succeed()
    await settle()
    expect(events).toEqual(['ready with bolts'])
  })

  it('names a model again where it turned out otherwise in another worker', async () => {
    const runner = new FakeModelRunner()
    runner.providers = ['cuda', 'cpu', 'cuda']
    const { events } = startPool({ runner, workers: 3 })
    await settle()
    expect(events).toEqual(['ready with bolts, bolts'])
  })

  it('fails with the reason of a model that is refused, and ends the workers that did start', async () => {
    const runner = new FakeModelRunner()
    runner.byHand = true
    const { outcome } = startPool({ runner })
    await settle()
    runner.starts[0]?.succeed()
    const refused = new ModelRefusedError('bolts', '/models/bolts.onnx', 'no labels')
    runner.starts[1]?.fail(refused)
    await settle()
    expect(outcome()).toEqual({ error: refused })
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true])
  })

  it('ends drained when told to finish before it is ready, and leaves the frames where they wait', async () => {
    const runner = new FakeModelRunner()
    runner.byHand = true
    const { capture, lane, finish, outcome } = startPool({ runner })
    capture()
    await settle()
    runner.starts[0]?.succeed()
    await settle()
    finish.abort()
    await settle()
    expect(outcome()).toEqual({ drained: true, wedged: 0 })
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true])
    expect(lane.takeable).toBe(1)
  })
})

describe('a pool that serves', () => {
  it('gives each worker one frame at a time', async () => {
    const { captureAll, runner, recorder, first } = startPool()
    await captureAll(3)
    expect(runner.workers.map(({ runs }) => runs.length)).toEqual([1, 1])
    first().answer()
    await settle()
    expect(runner.workers.map(({ runs }) => runs.length)).toEqual([2, 1])
    for (const run of runner.running) run.answer()
    await settle()
    expect(recorder.frames).toEqual([0, 1, 2])
  })

  it('counts a frame whose model failed, never as inspected, says why, and keeps its worker', async () => {
    const { capture, lane, runner, events, failures, recorder, first } = startPool()
    capture()
    await settle()
    first().fail()
    await settle()
    capture()
    await settle()
    expect(failures).toEqual(['0: Model bolts failed on a frame: told to'])
    expect(lane.stats.counts).toMatchObject({ inspected: 0, failed: { ...nothingFailed, 'inference-error': 1 } })
    expect(recorder.frames).toEqual([])
    expect([runner.workers.length, events]).toEqual([2, ['ready with bolts']])
  })
})

describe('a worker that has a frame in hand', () => {
  it('has the next one too, and begins it without asking', async () => {
    const { captureAll, runner, lane, first } = startPool({ workers: 1 })
    await captureAll(4)
    expect(lane.takeable).toBe(2)
    first().answer()
    expect(lane.takeable).toBe(2)
    await settle()
    expect(runner.workers.map(({ runs }) => runs.length)).toEqual([2])
    expect(lane.takeable).toBe(1)
  })

  it('has none beside it while any camera is live', async () => {
    const { captureAll, scheduler, clock, lane } = startPool({ workers: 1 })
    const live = startLane({ clock, policy: 'latest', workers: 1 })
    scheduler.add(live.lane)
    await captureAll(3)
    expect(lane.takeable).toBe(2)
  })

  it('costs that one alone when it hangs: the next is run by another, and its rows come in frame order', async () => {
    const { captureAll, clock, runner, recorder, lane } = startPool({ workers: 1 })
    await captureAll(3)
    await clock.advanceAsync(2000)
    for (let frame = 0; frame < 2; frame++) {
      runner.workers[1]?.runs[frame]?.answer()
      await settle()
    }
    expect(recorder.frames).toEqual([1, 2])
    expect(lane.stats.counts).toMatchObject({ inspected: 2, failed: { ...nothingFailed, timeout: 1 }, inFlight: 0 })
  })

  it('has its time for the next one from when it begins with it', async () => {
    const { captureAll, clock, lane, first } = startPool({ workers: 1 })
    await captureAll(2)
    await clock.advanceAsync(1500)
    first().answer()
    await clock.advanceAsync(1999)
    expect(lane.stats.counts.failed).toEqual(nothingFailed)
    await clock.advanceAsync(1)
    expect(lane.stats.counts.failed).toEqual({ ...nothingFailed, timeout: 1 })
  })

  it('hands the next one to a replacement where it dies while the pool finishes', async () => {
    const { captureAll, first, finish, outcome, recorder, runner } = startPool({ workers: 1 })
    await captureAll(2)
    finish.abort()
    await settle()
    first().die()
    await settle()
    expect(outcome()).toBeUndefined()
    runner.running[0]?.answer()
    await settle(100)
    expect([outcome(), recorder.frames]).toEqual([{ drained: true, wedged: 0 }, [1]])
  })
})

describe('a frame that exceeds its deadline', () => {
  it('is failed then and not before, and its worker is replaced at once', async () => {
    const { capture, captureAll, clock, lane, runner, events } = startPool()
    capture()
    await clock.advanceAsync(1999)
    expect(lane.stats.counts).toMatchObject({ inFlight: 1, failed: nothingFailed })
    await clock.advanceAsync(1)
    expect(lane.stats.counts).toMatchObject({ inFlight: 0, failed: { ...nothingFailed, timeout: 1 } })
    expect(events).toEqual(['ready with bolts', 'retired by frame 0: timeout, 1 wedged', 'replaced'])
    expect(runner.workers.map(({ closed }) => closed)).toEqual([false, false, false])
    await captureAll(2)
    expect(runner.workers.map(({ runs }) => runs.length)).toEqual([1, 1, 1])
  })

  it('has its late answer ignored, and its worker ended when it comes back', async () => {
    const { capture, clock, lane, runner, events, recorder } = startPool()
    capture()
    await settle()
    const late = runner.running[0]
    await clock.advanceAsync(2000)
    late?.answer()
    await settle()
    expect(lane.stats.counts).toMatchObject({ inspected: 0, failed: { ...nothingFailed, timeout: 1 } })
    expect(recorder.frames).toEqual([])
    expect(events.at(-1)).toBe('returned, 0 wedged')
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true, false, false])
  })

  it('leaves no timer behind once it is answered in time', async () => {
    const { capture, clock, first } = startPool()
    capture()
    await settle()
    expect(clock.pending).toBe(1)
    first().answer()
    await settle()
    expect(clock.pending).toBe(0)
  })
})

describe('a replacement that finds another file in the place of its model', () => {
  const another =
    'Model bolts (/models/bolts.onnx) is refused: its file is not the one that the other workers have loaded'

  it('is not put to work, the others go on, and the next is tried after 5 s, and then ever more rarely', async () => {
    const runner = new FakeModelRunner()
    runner.digests = ['a', 'a', 'b', 'b', 'a']
    const { captureAll, clock, events, lane, outcome } = startPool({ runner })
    await captureAll(2)
    runner.running[0]?.die()
    await settle(40)
    expect(events.slice(2)).toEqual([`refused: ${another}, again in 5000`])
    expect(runner.workers[2]?.closed).toBe(true)
    runner.running[0]?.answer()
    await settle()
    await captureAll(1)
    runner.running[0]?.answer()
    await settle()
    expect(lane.stats.counts.inspected).toBe(2)
    expect(runner.workers[2]?.runs).toEqual([])
    await clock.advanceAsync(seconds(5))
    expect(events.slice(3)).toEqual([`refused: ${another}, again in 10000`])
    await clock.advanceAsync(seconds(10) - 1)
    expect(events).toHaveLength(4)
    await clock.advanceAsync(1)
    expect(events.slice(4)).toEqual(['replaced'])
    expect(outcome()).toBeUndefined()
  })

  it('fails the pool where it was the only one', async () => {
    const runner = new FakeModelRunner()
    runner.digests = ['a', 'b']
    const { captureAll, outcome } = startPool({ runner, workers: 1 })
    await captureAll(1)
    runner.running[0]?.die()
    await settle(40)
    expect(outcome()).toEqual({ error: expect.objectContaining({ message: another }) as Error })
    expect(runner.workers[1]?.closed).toBe(true)
  })

  it('leaves nothing to wait for when the pool is told to finish', async () => {
    const runner = new FakeModelRunner()
    runner.digests = ['a', 'a', 'b']
    const { captureAll, clock, finish, outcome } = startPool({ runner })
    await captureAll(2)
    runner.running[0]?.die()
    await settle(40)
    runner.running[0]?.answer()
    finish.abort()
    await settle()
    expect(outcome()).toEqual({ drained: true, wedged: 0 })
    expect(clock.pending).toBe(0)
    expect(runner.workers).toHaveLength(3)
  })

  it('does as one that finds a file which cannot be read', async () => {
    const { captureAll, clock, events, outcome, runner } = startPool()
    await captureAll(2)
    runner.byHand = true
    runner.running[0]?.die()
    await settle(40)
    runner.starts[0]?.fail(new ModelRefusedError('bolts', '/models/bolts.onnx', 'it is empty'))
    await settle()
    expect(events.slice(2)).toEqual([
      'refused: Model bolts (/models/bolts.onnx) is refused: it is empty, again in 5000',
    ])
    runner.running[0]?.answer()
    await clock.advanceAsync(seconds(5))
    runner.starts[1]?.succeed()
    await settle()
    expect(events.slice(3)).toEqual(['replaced'])
    expect(outcome()).toBeUndefined()
  })
})

describe('workers that find different files at the start', () => {
  it('are none: rows of two models would look alike', async () => {
    const runner = new FakeModelRunner()
    runner.digests = ['a', 'b']
    const { events, outcome } = startPool({ runner })
    await settle()
    expect(events).toEqual([])
    expect(outcome()).toEqual({ error: expect.any(ModelRefusedError) as Error })
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true, true])
  })
})

describe('a worker that dies', () => {
  it('costs its one frame, and is replaced', async () => {
    const { capture, captureAll, lane, runner, events, first, recorder } = startPool()
    capture()
    await settle()
    first().die()
    await settle()
    expect(lane.stats.counts).toMatchObject({ failed: { ...nothingFailed, 'worker-died': 1 }, inFlight: 0 })
    expect(events).toEqual(['ready with bolts', 'retired by frame 0: died, 0 wedged', 'replaced'])
    await captureAll(2)
    for (const run of runner.running) run.answer()
    await settle()
    expect(recorder.frames).toEqual([1, 2])
  })

  it('is replaced by one of which is told what no worker before it turned out to be', async () => {
    const runner = new FakeModelRunner()
    runner.providers = ['cuda', 'cuda', 'cpu', 'cpu']
    const { captureAll, events } = startPool({ runner })
    await captureAll(2)
    for (const run of runner.running) run.die()
    await settle()
    expect(events.filter((event) => event.startsWith('replaced'))).toEqual(['replaced, bolts on cpu', 'replaced'])
  })

  it('fails the pool when its replacement cannot start, after the others have finished what they have', async () => {
    const { captureAll, lane, runner, outcome } = startPool()
    await captureAll(3)
    runner.byHand = true
    const [dying, other] = runner.running
    dying?.die()
    await settle()
    const error = new WorkerDiedError('out of memory')
    runner.starts[0]?.fail(error)
    await settle()
    expect(outcome()).toBeUndefined()
    other?.answer()
    await settle()
    expect(outcome()).toEqual({ error })
    expect(lane.stats.counts).toMatchObject({
      inspected: 1,
      failed: { ...nothingFailed, 'worker-died': 1 },
      inFlight: 1,
    })
    expect(lane.takeable).toBe(1)
    expect(runner.workers[1]?.closed).toBe(true)
  })

  it('fails the pool when more die in a row than there are workers, with no answer between', async () => {
    const { captureAll, runner, outcome, events } = startPool()
    await captureAll(3)
    runner.running[0]?.die()
    await settle()
    runner.running[0]?.die()
    await settle()
    expect(outcome()).toBeUndefined()
    runner.running[0]?.die('again')
    await settle()
    expect(outcome()).toEqual({ error: new WorkerDiedError('again') })
    expect(events.filter((event) => event === 'replaced')).toHaveLength(2)
  })

  it('may die for ever as long as answers come between', async () => {
    const { capture, runner, outcome } = startPool()
    for (let round = 0; round < 10; round++) {
      capture()
      capture()
      await settle()
      runner.running[0]?.die()
      runner.running[0]?.answer()
      await settle()
    }
    expect(outcome()).toBeUndefined()
  })
})

describe('workers that hang', () => {
  it('wedge the pool when as many hang as it has, for one deadline more; the frames of the others come to their end first', async () => {
    const { capture, clock, lane, events, outcome, runner } = startPool()
    capture()
    await clock.advanceAsync(1000)
    capture()
    await clock.advanceAsync(1000) // the first hangs
    await clock.advanceAsync(1000) // the second hangs, and the replacement of the first is alone
    await clock.advanceAsync(1000)
    capture()
    await clock.advanceAsync(999)
    expect(events).toEqual([
      'ready with bolts',
      'retired by frame 0: timeout, 1 wedged',
      'replaced',
      'retired by frame 1: timeout, 2 wedged',
    ])
    await clock.advanceAsync(1)
    expect(events.at(-1)).toBe('wedged: 2')
    expect(outcome()).toBeUndefined()
    runner.workers[2]?.runs[0]?.answer()
    await settle()
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
    expect(lane.stats.counts).toMatchObject({ inspected: 1, failed: { ...nothingFailed, timeout: 2 }, inFlight: 0 })
    expect(runner.workers.map(({ closed }) => closed)).toEqual([false, false, true])
    expect(clock.pending).toBe(0)
  })

  it('are two at least before they wedge a pool of one: the first is replaced', async () => {
    const { captureAll, clock, events, outcome } = startPool({ workers: 1 })
    await captureAll(2)
    await clock.advanceAsync(2000)
    expect(events.at(-1)).toBe('replaced')
    await clock.advanceAsync(2000)
    expect(events.at(-1)).toBe('retired by frame 1: timeout, 2 wedged')
    await clock.advanceAsync(1999)
    expect(outcome()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
  })

  it('do not wedge it when they come back between', async () => {
    const { capture, clock, runner, outcome } = startPool()
    for (let round = 0; round < 5; round++) {
      capture()
      await settle()
      const late = runner.running[0]
      await clock.advanceAsync(2000)
      late?.answer()
      await settle()
    }
    expect(outcome()).toBeUndefined()
  })

  it('may be told apart by a limit of their own', async () => {
    const { capture, clock, outcome } = startPool({ mostWedged: 1 })
    capture()
    await clock.advanceAsync(3999)
    expect(outcome()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 1 } })
  })

  it('have more than a deadline where the whole process was held up meanwhile', async () => {
    const { clock, outcome } = await startHungPool()
    clock.oversleep(60_000)
    await clock.advanceAsync(0)
    expect(outcome()).toBeUndefined()
    await clock.advanceAsync(2000)
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
  })
})

/** A pool of two, of which both hang, the second since now; they are replaced by one. */
async function startHungPool() {
  const started = startPool()
  started.capture()
  await started.clock.advanceAsync(1)
  started.capture()
  await started.clock.advanceAsync(2000)
  const [first, second] = started.runner.running
  if (first === undefined || second === undefined) throw new Error('Both were to hang')
  expect(started.hung.count).toBe(2)
  return { ...started, hanging: [first, second] as const }
}

describe('a pool of which too many workers hang, for less than a deadline', () => {
  it('goes on with those that are there', async () => {
    const { captureAll, clock, runner, recorder } = await startHungPool()
    await captureAll(2)
    for (let frame = 0; frame < 2; frame++) {
      await clock.advanceAsync(500)
      runner.workers[2]?.runs[frame]?.answer()
    }
    await settle()
    expect(recorder.frames).toEqual([2, 3])
    expect(runner.workers).toHaveLength(3)
  })

  it('goes on as ever once one has come back: its replacement is started then', async () => {
    const { captureAll, clock, runner, events, outcome, hanging } = await startHungPool()
    await clock.advanceAsync(1999)
    hanging[0].answer()
    await settle()
    expect(events.slice(-3)).toEqual(['retired by frame 1: timeout, 2 wedged', 'returned, 1 wedged', 'replaced'])
    expect(clock.pending).toBe(0)
    await clock.advanceAsync(10_000)
    expect(outcome()).toBeUndefined()
    await captureAll(2)
    expect(runner.workers.map(({ runs }) => runs.length)).toEqual([1, 1, 1, 1])
  })

  it('waits a whole deadline again when it happens again', async () => {
    const { capture, clock, outcome, hanging } = await startHungPool()
    await clock.advanceAsync(1000)
    hanging[0].answer()
    capture()
    await clock.advanceAsync(2000) // it hangs
    await clock.advanceAsync(1999)
    expect(outcome()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
  })

  it('counts one that hangs until it has run the frame that it has ahead', async () => {
    const { captureAll, clock, runner, hung } = startPool({ workers: 1 })
    await captureAll(2)
    await clock.advanceAsync(2000)
    runner.workers[0]?.runs[0]?.answer()
    await settle()
    expect(hung.count).toBe(1)
    runner.workers[0]?.runs[1]?.answer()
    await settle()
    expect(hung.count).toBe(0)
  })

  it('finishes with those that are there when it is told to', async () => {
    const { captureAll, clock, finish, outcome, runner, recorder } = await startHungPool()
    await captureAll(3)
    finish.abort()
    for (let frame = 0; frame < 3; frame++) {
      await clock.advanceAsync(1900)
      runner.workers[2]?.runs[frame]?.answer()
    }
    await settle(100)
    expect(outcome()).toEqual({ drained: true, wedged: 2 })
    expect(recorder.frames).toEqual([2, 3, 4])
    expect(clock.pending).toBe(0)
  })

  it('starts what it withheld when one comes back while it finishes, if frames are left', async () => {
    const { captureAll, finish, outcome, runner, hanging, recorder } = await startHungPool()
    await captureAll(3)
    finish.abort()
    hanging[0].answer()
    await settle()
    expect(runner.workers.map(({ runs }) => runs.length)).toEqual([1, 1, 1, 1])
    for (let frame = 0; frame < 3; frame++) {
      runner.running.find(({ worker }) => worker !== hanging[1].worker)?.answer()
      await settle(100)
    }
    expect(outcome()).toEqual({ drained: true, wedged: 1 })
    expect(recorder.frames).toEqual([2, 3, 4])
  })

  it.each([
    { waiting: 0, ends: { drained: true, wedged: 2 } },
    { waiting: 1, ends: { error: { code: 'inference.wedged', workers: 2 } } },
  ])('ends at once when it is told to finish, nobody is there, and $waiting frames wait', async ({ waiting, ends }) => {
    const { captureAll, clock, finish, outcome, lane, events } = startPool({ workers: 1 })
    await captureAll(2)
    await clock.advanceAsync(4000)
    expect(outcome()).toBeUndefined()
    await captureAll(waiting)
    finish.abort()
    await settle()
    expect(outcome()).toMatchObject(ends)
    expect(events.includes('wedged: 2')).toBe(waiting > 0)
    expect(lane.takeable).toBe(waiting)
    expect(clock.pending).toBe(0)
  })

  it('ends at once when the last one hangs while it finishes and frames wait', async () => {
    const { captureAll, clock, finish, outcome, lane } = startPool({ workers: 1, mostWedged: 1 })
    await captureAll(2)
    finish.abort()
    await clock.advanceAsync(2000)
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 1 } })
    expect(lane.takeable).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('ends at once when it is cut off', async () => {
    const { cut, clock, outcome } = await startHungPool()
    cut.abort(new Error('out of time'))
    await settle()
    expect(outcome()).toEqual({ error: new Error('out of time') })
    expect(clock.pending).toBe(0)
  })

  it('does not wait for them while it finishes: those that are there take all that is left', async () => {
    const { captureAll, clock, finish, outcome, runner, recorder } = startPool({ mostWedged: 1 })
    await captureAll(4)
    finish.abort()
    for (let frame = 0; frame < 3; frame++) {
      await clock.advanceAsync(1500) // the first hangs after 2000
      runner.running.find(({ worker }) => worker !== runner.workers[0])?.answer()
      await settle(100)
    }
    expect(outcome()).toEqual({ drained: true, wedged: 1 })
    expect(recorder.frames).toEqual([1, 2, 3])
  })

  it('fails of what else is wrong, and of nothing more', async () => {
    const { capture, clock, runner, events, outcome } = startPool({ workers: 3, mostWedged: 1 })
    capture()
    await clock.advanceAsync(2500)
    capture()
    capture()
    await settle()
    const [, breaking, slow] = runner.running
    breaking?.break(new TypeError('undefined is not a function'))
    await clock.advanceAsync(1999)
    slow?.answer()
    await settle()
    expect(outcome()).toEqual({ error: new TypeError('undefined is not a function') })
    expect(events).toEqual(['ready with bolts', 'retired by frame 0: timeout, 1 wedged'])
    expect(clock.pending).toBe(0)
  })
})

describe('workers that hang since a pool before', () => {
  it('count until they come back, whoever serves then', async () => {
    const before = startPool()
    before.capture()
    await before.clock.advanceAsync(2000)
    const [late] = before.runner.running
    before.cut.abort(new Error('a bug'))
    await settle()
    const { events, hung } = startPool({ hung: before.hung })
    await settle()
    expect(hung.count).toBe(1)
    late?.answer()
    await settle()
    expect(hung.count).toBe(0)
    expect(events).toEqual(['ready with bolts', 'returned, 0 wedged'])
    expect(before.events.at(-1)).toBe('replaced')
  })

  it('count among those that wedge the next', async () => {
    const before = startPool()
    before.capture()
    await before.clock.advanceAsync(2000)
    before.cut.abort(new Error('a bug'))
    const { capture, clock, events, outcome } = startPool({ hung: before.hung })
    capture()
    await clock.advanceAsync(2000)
    expect(events.at(-1)).toBe('retired by frame 0: timeout, 2 wedged')
    await clock.advanceAsync(2000)
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
  })

  it('wedge the next, if they are too many for a deadline, while it loads too', async () => {
    const { cut, hung } = await startHungPool()
    cut.abort(new Error('a bug'))
    const runner = new FakeModelRunner()
    runner.byHand = true
    const { clock, events, outcome } = startPool({ hung, runner })
    await clock.advanceAsync(1999)
    expect(outcome()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(events).toEqual(['wedged: 2'])
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
  })

  it('do not wedge the next, if they come back before', async () => {
    const { cut, hung, hanging } = await startHungPool()
    cut.abort(new Error('a bug'))
    const { clock, outcome } = startPool({ hung })
    hanging[0].answer()
    await clock.advanceAsync(60_000)
    expect(outcome()).toBeUndefined()
    expect(clock.pending).toBe(0)
  })
})

/** A pool of two workers, of which one has died, and whose replacement loads until it is told how that goes. */
async function startReplacing(options: Parameters<typeof startPool>[0] = {}) {
  const started = startPool(options)
  started.capture()
  await settle()
  started.runner.byHand = true
  started.first().die()
  await settle()
  return { ...started, starts: started.runner.starts }
}

/** A pool of two workers that is loaded afresh, once one before it has failed, and each of whose threads loads until it is told how that goes. */
async function startAfresh(options: Parameters<typeof startPool>[0] = {}) {
  const before = startPool()
  await settle()
  before.cut.abort(new Error('a bug'))
  await settle()
  const runner = new FakeModelRunner()
  runner.byHand = true
  const started = startPool({ hung: before.hung, runner, ...options })
  await settle()
  return { ...started, starts: runner.starts }
}

describe('a pool that is loaded afresh, and one of whose threads does not come to an end of loading', () => {
  it('serves with the other after a minute; the one that hangs is replaced', async () => {
    const { clock, events, starts, hung, runner, captureAll } = await startAfresh()
    starts[0]?.succeed()
    await clock.advanceAsync(59_999)
    expect([events, hung.count, starts.length]).toEqual([[], 0, 2])
    await clock.advanceAsync(1)
    expect(events).toEqual(['retired while loading, 1 wedged', 'ready with bolts'])
    expect([hung.count, starts.length]).toEqual([1, 3])
    starts[2]?.succeed()
    await settle()
    expect(events.at(-1)).toBe('replaced')
    expect(clock.pending).toBe(0)
    await captureAll(2)
    expect(runner.running).toHaveLength(2)
  })

  it('is ready with what comes in the place of both, where both hang and more may', async () => {
    const { clock, events, starts, captureAll, runner } = await startAfresh({ mostWedged: 3 })
    await clock.advanceAsync(60_000)
    expect(events).toEqual(['retired while loading, 1 wedged', 'retired while loading, 2 wedged'])
    for (const start of starts.slice(2)) start.succeed()
    await settle()
    expect(events.slice(2)).toEqual(['ready with bolts', 'replaced'])
    await captureAll(2)
    expect(runner.running).toHaveLength(2)
  })

  it('wedges where both hang', async () => {
    const { clock, events, outcome } = await startAfresh()
    await clock.advanceAsync(62_000)
    expect(events.at(-1)).toBe('wedged: 2')
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
    expect(clock.pending).toBe(0)
  })

  it('fails with what the other is refused for, and still counts the one that hangs', async () => {
    const { clock, hung, starts, outcome } = await startAfresh()
    const refused = new ModelRefusedError('bolts', '/models/bolts.onnx', 'no labels')
    starts[1]?.fail(refused)
    await clock.advanceAsync(60_000)
    expect([outcome(), hung.count]).toEqual([{ error: refused }, 1])
    expect(clock.pending).toBe(0)
  })

  it('may be told to finish meanwhile', async () => {
    const { clock, finish, runner, starts, outcome } = await startAfresh()
    starts[0]?.succeed()
    await settle()
    finish.abort()
    await settle()
    expect(outcome()).toEqual({ drained: true, wedged: 0 })
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true])
    expect(clock.pending).toBe(0)
  })
})

describe('a replacement that does not come to an end of loading', () => {
  it('is given up after a minute, hangs, and is replaced in its turn', async () => {
    const { clock, events, starts, hung, runner, captureAll } = await startReplacing()
    await clock.advanceAsync(59_999)
    expect([events.at(-1), hung.count, starts.length]).toEqual(['retired by frame 0: died, 0 wedged', 0, 1])
    await clock.advanceAsync(1)
    expect([events.at(-1), hung.count, starts.length]).toEqual(['retired while loading, 1 wedged', 1, 2])
    starts[1]?.succeed()
    await settle()
    expect(events.at(-1)).toBe('replaced')
    expect(clock.pending).toBe(0)
    await captureAll(2)
    expect(runner.running).toHaveLength(2)
  })

  it.each([
    { how: 'has loaded after all', settleStart: (start?: FakeStart) => start?.succeed() },
    { how: 'has failed after all', settleStart: (start?: FakeStart) => start?.fail(new WorkerDiedError('at last')) },
  ])('hangs until it $how, and is ended then', async ({ settleStart }) => {
    const { clock, events, starts, hung, outcome, runner } = await startReplacing()
    await clock.advanceAsync(60_000)
    starts[1]?.succeed()
    await settle()
    settleStart(starts[0])
    await settle()
    expect([events.at(-1), hung.count]).toEqual(['returned, 0 wedged', 0])
    expect(outcome()).toBeUndefined()
    expect(runner.workers.filter(({ closed }) => !closed)).toHaveLength(2)
  })

  it('has twice the time that all of them took at first, where that was more', async () => {
    const runner = new FakeModelRunner()
    runner.byHand = true
    const { clock, capture, first, events } = startPool({ runner })
    await clock.advanceAsync(50_000)
    for (const start of runner.starts) start.succeed()
    capture()
    await settle()
    first().die()
    await clock.advanceAsync(99_999)
    expect(events.at(-1)).toBe('retired by frame 0: died, 0 wedged')
    await clock.advanceAsync(1)
    expect(events.at(-1)).toBe('retired while loading, 1 wedged')
  })

  it('wedges the pool as one does that hangs over a frame', async () => {
    const { clock, events, outcome } = await startReplacing()
    await clock.advanceAsync(122_000)
    expect(events.slice(-3)).toEqual([
      'retired while loading, 1 wedged',
      'retired while loading, 2 wedged',
      'wedged: 2',
    ])
    await settle()
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 2 } })
  })

  it('still hangs when the pool has ended, and is ended whenever it has loaded', async () => {
    const { clock, cut, starts, hung, runner } = await startReplacing()
    await clock.advanceAsync(60_000)
    cut.abort(new Error('out of time'))
    await settle()
    expect(hung.count).toBe(1)
    expect(clock.pending).toBe(0)
    starts[0]?.succeed()
    await settle()
    expect(hung.count).toBe(0)
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true, true, true])
  })

  it('holds up no pool that finishes: what has a worker is inspected, and the rest waits', async () => {
    const { clock, finish, outcome, captureAll, lane } = await startReplacing({ workers: 1, mostWedged: 1 })
    await captureAll(2)
    finish.abort()
    await clock.advanceAsync(59_999)
    expect(outcome()).toBeUndefined()
    await clock.advanceAsync(1)
    expect(outcome()).toMatchObject({ error: { code: 'inference.wedged', workers: 1 } })
    expect(lane.takeable).toBe(2)
    expect(clock.pending).toBe(0)
  })
})

describe('a pool that is told to finish', () => {
  it('runs the frames that wait and takes no others, then ends its workers', async () => {
    const { capture, captureAll, lane, runner, finish, outcome, recorder } = startPool()
    await captureAll(3)
    finish.abort()
    capture() // too late
    for (let round = 0; round < 3; round++) {
      await settle()
      expect(outcome()).toBeUndefined()
      runner.running[0]?.answer()
    }
    await settle(100) // three rows, one after the other
    expect(outcome()).toEqual({ drained: true, wedged: 0 })
    expect(recorder.frames).toEqual([0, 1, 2])
    expect(lane.stats.counts).toMatchObject({ captured: 4, inspected: 3, inFlight: 1, dropped: nothingDropped })
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true, true])
  })

  it('waits until the writer has taken the rows', async () => {
    const { capture, recorder, first, finish, outcome } = startPool()
    recorder.holding = true
    capture()
    await settle()
    first().answer()
    finish.abort()
    await settle()
    expect(outcome()).toBeUndefined()
    recorder.held[0]?.()
    await settle()
    expect(outcome()).toEqual({ drained: true, wedged: 0 })
  })

  it('does not wait for workers that hang, and says how many there are', async () => {
    const { capture, clock, finish, outcome } = startPool()
    capture()
    await clock.advanceAsync(2000)
    finish.abort()
    await settle()
    expect(outcome()).toEqual({ drained: true, wedged: 1 })
  })

  it('replaces no worker that nothing is left for', async () => {
    const { capture, clock, finish, outcome, runner } = startPool()
    capture()
    await settle()
    finish.abort()
    await clock.advanceAsync(2000)
    expect(outcome()).toEqual({ drained: true, wedged: 1 })
    expect(runner.workers).toHaveLength(2)
  })

  it('gives up a replacement that is still starting when nothing is left for it', async () => {
    const { capture, runner, first, finish, outcome } = startPool()
    capture()
    await settle()
    runner.byHand = true
    first().die()
    await settle()
    finish.abort()
    await settle()
    expect(outcome()).toEqual({ drained: true, wedged: 0 })
  })

  it('replaces a worker that frames are left for', async () => {
    const { captureAll, runner, finish, outcome, recorder } = startPool({ workers: 1 })
    await captureAll(2)
    finish.abort()
    runner.running[0]?.die()
    await settle()
    runner.running[0]?.answer()
    await settle()
    expect(outcome()).toEqual({ drained: true, wedged: 0 })
    expect(recorder.frames).toEqual([1])
  })
})

describe('a pool that is cut off', () => {
  it('fails the frame that is in a worker, gives back the one ahead, and ends the thread once it is idle', async () => {
    const { captureAll, lane, runner, cut, outcome, clock } = startPool({ workers: 1 })
    await captureAll(3)
    cut.abort(new Error('out of time'))
    await settle()
    expect(outcome()).toEqual({ error: new Error('out of time') })
    expect(lane.stats.counts).toMatchObject({ failed: { ...nothingFailed, 'cut-off': 1 }, inFlight: 2 })
    expect(lane.takeable).toBe(2)
    expect(runner.workers.map(({ closed }) => closed)).toEqual([false])
    expect(clock.pending).toBe(0)
    for (const run of runner.running) run.answer()
    await settle()
    // It had a frame ahead, and runs it for nobody.
    expect(runner.workers.map(({ closed }) => closed)).toEqual([false])
    for (const run of runner.running) run.answer()
    await settle()
    expect(runner.workers.map(({ closed }) => closed)).toEqual([true])
    expect(lane.stats.counts).toMatchObject({ inspected: 0 })
  })

  it('is so too when nobody listens to it any more', async () => {
    const { capture, lane, pool, runner } = startPool()
    capture()
    await settle()
    void pool.return({ drained: true, wedged: 0 })
    runner.running[0]?.die() // the event that lets the generator see that it was returned
    await settle()
    expect(runner.workers.filter(({ closed }) => !closed)).toEqual([])
    expect(lane.stats.counts).toMatchObject({ failed: { ...nothingFailed, 'worker-died': 1 }, inFlight: 0 })
  })

  it('gives back a frame that a worker has just been promised', async () => {
    const { capture, lane, runner, cut } = startPool()
    await settle()
    capture()
    expect(lane.takeable).toBe(0)
    cut.abort(new Error('out of time'))
    await settle()
    expect(runner.running).toEqual([])
    expect(lane.takeable).toBe(1)
    expect(lane.stats.counts).toMatchObject({ failed: nothingFailed, inFlight: 1 })
  })

  it('leaves no listener and no timer behind', async () => {
    const { capture, cut, finish, clock, outcome } = startPool()
    capture()
    await settle()
    expect([cut, finish].map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual([1, 1])
    cut.abort(new Error('out of time'))
    await settle()
    expect(outcome()).toBeDefined()
    expect([cut, finish].map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual([0, 0])
    expect(clock.pending).toBe(0)
  })

  it('starts nothing when it was cut off before', async () => {
    const runner = new FakeModelRunner()
    const { outcome } = startPool({ runner, signal: AbortSignal.abort(new Error('too late')) })
    await settle()
    expect(outcome()).toEqual({ error: new Error('too late') })
    expect(runner.workers).toEqual([])
  })
})

describe('a bug', () => {
  it('in a worker fails the pool, and the frame is accounted for', async () => {
    const { capture, lane, first, outcome } = startPool()
    capture()
    await settle()
    first().break(new TypeError('undefined is not a function'))
    await settle()
    expect(outcome()).toEqual({ error: new TypeError('undefined is not a function') })
    expect(lane.stats.counts).toMatchObject({ failed: { ...nothingFailed, 'worker-died': 1 }, inFlight: 0 })
  })

  it('in recording fails the pool', async () => {
    const { capture, recorder, first, outcome } = startPool()
    recorder.recordWhenRoom = async () => Promise.reject(new TypeError('no such column'))
    capture()
    await settle()
    first().answer()
    await settle(40)
    expect(outcome()).toEqual({ error: new TypeError('no such column') })
  })

  it('in recording fails the process where the pool has ended: nobody else is there to be told', async () => {
    const { capture, recorder, first, cut, outcome } = startPool()
    let fail: (bug: Error) => void = () => undefined
    recorder.recordWhenRoom = () => new Promise((_, reject) => (fail = reject))
    capture()
    await settle()
    first().answer()
    await settle()
    cut.abort(new Error('out of time'))
    await settle()
    expect(outcome()).toEqual({ error: new Error('out of time') })
    expect(await unheard(() => fail(new TypeError('no such column')))).toEqual([new TypeError('no such column')])
  })
})

/** What would fail the process after this; of Vitest's own listeners, none hears of it. */
async function unheard(cause: () => void): Promise<unknown[]> {
  const others = process.listeners('unhandledRejection')
  const heard: unknown[] = []
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => heard.push(error))
  cause()
  await new Promise((resolve) => setImmediate(resolve))
  process.removeAllListeners('unhandledRejection')
  for (const other of others) process.on('unhandledRejection', other)
  return heard
}

describe('many frames through a pool where everything goes wrong at times', () => {
  it('ends with every frame accounted for, and rows in frame order', async () => {
    const { capture, lane, clock, runner, finish, outcome, recorder, scheduler } = startPool({ mostWedged: 1000 })
    let captured = 0
    for (let round = 0; round < 600; round++) {
      if (capture()) captured++
      await settle()
      const run = runner.running.filter(({ worker }) => !worker.closed)[round % 3]
      if (run === undefined) continue
      if (round % 11 === 3) run.die()
      else if (round % 13 === 5) run.fail()
      else if (round % 29 === 7) await clock.advanceAsync(2000)
      else run.answer()
      await settle()
    }
    finish.abort()
    for (let round = 0; outcome() === undefined && round < 100; round++) {
      await settle()
      await clock.advanceAsync(2000)
    }
    expect(outcome()).toMatchObject({ drained: true })
    const { counts } = lane.stats
    expect(scheduler.waiting).toBe(0)
    expect(counts.inFlight).toBe(0)
    expect(counts.captured).toBe(captured + counts.dropped['no-slot'])
    expect(recorder.frames).toHaveLength(counts.inspected)
    expect(recorder.frames).toEqual(recorder.frames.toSorted((a, b) => a - b))
    expect(Object.values(counts.failed).every((count, index) => count > 0 || index === 3)).toBe(true)
    expect(counts.inspected).toBeGreaterThan(100)
  })
})

describe('an answer', () => {
  it('is measured from the frame until its rows are handed over, which is after those of the frame before it', async () => {
    const { capture, clock, lane, runner } = startPool({ workers: 2 })
    capture()
    await settle()
    capture()
    await clock.advanceAsync(30)
    const [earlier, later] = runner.running
    later?.answer()
    await settle()
    expect(lane.stats.latency).toBeUndefined()
    await clock.advanceAsync(40)
    earlier?.answer()
    await settle()
    expect(lane.stats.latency).toEqual({ p50: milliseconds(70), p95: milliseconds(70) })
  })
})

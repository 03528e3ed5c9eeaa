import { createActor } from 'xstate'
import { describe, expect, it } from 'vitest'
import { InferenceWedgedError, ModelRefusedError, WorkerDiedError } from '../../src/domain/inference-errors.ts'
import { inferenceMachine, type PoolDrained, type PoolFact } from '../../src/machines/inference-machine.ts'
import { scriptedEvents } from '../fakes/scripted-events.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function startInference({ loadedOnce = false, owed = 0 } = {}) {
  const clock = new VirtualClock()
  const pool = scriptedEvents<PoolFact, PoolDrained>()
  const inference = createActor(
    inferenceMachine.provide({
      actors: { servePool: pool.logic },
      delays: { reloadDelay: ({ context }) => 1000 * context.failures },
    }),
    { clock, input: { loadedOnce, framesOwed: () => owed } },
  )
  const errors: unknown[] = []
  inference.subscribe({ error: (error) => errors.push(error) })
  inference.start()
  return {
    inference,
    clock,
    pool,
    errors,
    state: () => inference.getSnapshot().value,
    isReady: () => inference.getSnapshot().hasTag('ready'),
    ready: (workers = 2) => pool.tell({ type: 'pool.ready', workers }),
  }
}

describe('a pool that loads', () => {
  it('is ready when every worker has run its models', async () => {
    const { isReady, ready, state } = startInference()
    expect(isReady()).toBe(false)
    await ready()
    expect(isReady()).toBe(true)
    expect(state()).toEqual({ online: 'serving' })
  })

  it.each([
    { workers: 1, why: '1 worker has loaded its models' },
    { workers: 2, why: '2 workers have loaded their models' },
  ])('says how many workers it has: $workers', async ({ workers, why }) => {
    const { inference, ready } = startInference()
    await ready(workers)
    expect(inference.getSnapshot().context.why).toBe(why)
  })

  it('says that a worker was given up meanwhile, and still does once the others serve', async () => {
    const { inference, pool, ready, clock, state } = startInference({ loadedOnce: true })
    const why = () => inference.getSnapshot().context.why
    await pool.tell({ type: 'worker.retired', why: 'a fresh worker took too long, and was given up' })
    expect([state(), why()]).toEqual([{ online: 'loading' }, 'a fresh worker took too long, and was given up'])
    await ready(1)
    expect(why()).toBe('1 worker has loaded its models; a fresh worker took too long, and was given up')
    // The next pool has lost none.
    await pool.fail(new WorkerDiedError('exit code 134'))
    await clock.advanceAsync(1000)
    await ready()
    expect(why()).toBe('2 workers have loaded their models')
  })

  it('fails the start when a model is refused', async () => {
    const { pool, errors } = startInference()
    const refused = new ModelRefusedError('particles', '/m.onnx', 'its input is [1, 3], expected [1, 3, height, width]')
    await pool.fail(refused)
    expect(errors).toEqual([refused])
  })

  it('is loaded afresh after a wait where an earlier life has had its models loaded', async () => {
    const { pool, state, isReady, errors } = startInference({ loadedOnce: true })
    await pool.fail(new ModelRefusedError('particles', '/m.onnx', 'it is cut off'))
    expect(errors).toEqual([])
    expect(state()).toBe('backingOff')
    expect(isReady()).toBe(true)
  })
})

describe('a pool that cannot go on', () => {
  it('is loaded afresh after a wait', async () => {
    const { pool, ready, state, clock } = startInference()
    await ready()
    await pool.fail(new WorkerDiedError('exit code 134'))
    expect(state()).toBe('backingOff')
    await clock.advanceAsync(1000)
    expect(state()).toEqual({ online: 'loading' })
    expect(pool.starts).toBe(2)
  })

  it('waits longer each time, however well it loads, until it has served for 30 s', async () => {
    const { pool, ready, state, clock, inference } = startInference()
    await ready()
    for (const failures of [1, 2, 3]) {
      await clock.advanceAsync(29_999)
      await pool.fail(new WorkerDiedError('exit code 134'))
      expect(inference.getSnapshot().context.failures).toBe(failures)
      await clock.advanceAsync(1000 * failures - 1)
      expect(state()).toBe('backingOff')
      await clock.advanceAsync(1)
      expect(state()).toEqual({ online: 'loading' })
      await ready()
    }
    await clock.advanceAsync(30_000)
    await pool.fail(new WorkerDiedError('exit code 134'))
    expect(inference.getSnapshot().context.failures).toBe(1)
  })

  it('stays wedged when every worker hangs', async () => {
    const { pool, ready, state, inference } = startInference()
    await ready()
    await pool.fail(new InferenceWedgedError(1))
    expect(state()).toBe('wedged')
    inference.send({ type: 'drain' })
    expect(inference.getSnapshot().output).toEqual({ drained: false, left: '1 worker hangs in a task' })
  })
})

describe('a pool that is told to drain', () => {
  it('ends at once, and says so, when its workers hang over their last frames', async () => {
    const { pool, ready, inference, state } = startInference()
    await ready()
    inference.send({ type: 'drain' })
    await pool.fail(new InferenceWedgedError(2))
    expect(state()).toBe('stopped')
    expect(inference.getSnapshot().output).toEqual({ drained: false, left: '2 workers hang in a task' })
  })

  it.each([
    { owed: 0, output: { drained: true } },
    { owed: 1, output: { drained: false, left: '1 frame waits of cameras that are to lose none' } },
    { owed: 2, output: { drained: false, left: '2 frames wait of cameras that are to lose none' } },
  ])('ends when loading fails meanwhile, and says what waits: $owed', async ({ owed, output }) => {
    const { pool, inference, state, errors } = startInference({ owed })
    inference.send({ type: 'drain' })
    await pool.fail(new WorkerDiedError('exit code 134'))
    expect(state()).toBe('stopped')
    expect(errors).toEqual([])
    expect(inference.getSnapshot().output).toEqual(output)
  })

  it('ends while it backs off, and says what waits', async () => {
    const { pool, ready, inference } = startInference({ owed: 2 })
    await ready()
    await pool.fail(new WorkerDiedError('exit code 134'))
    inference.send({ type: 'drain' })
    expect(inference.getSnapshot().output).toMatchObject({ drained: false })
  })

  it.each(['loading', 'serving'])('finishes its frames first, while %s', async (state) => {
    const started = startInference()
    if (state === 'serving') await started.ready()
    started.inference.send({ type: 'drain' })
    expect(started.state()).toEqual({ online: 'draining' })
    expect(started.pool.finishing).toBe(true)
    await started.pool.end({ wedged: 0 })
    expect(started.inference.getSnapshot().output).toEqual({ drained: true })
  })
})

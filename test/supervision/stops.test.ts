import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fromCallback } from 'xstate'
import { run, type SupervisorOptions } from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

function stageOf(children: Record<string, PuppetOptions>, options: SupervisorOptions = {}): Stage {
  const stage: Stage = new Stage({
    intensity: 5,
    period: 60_000,
    children: Object.entries(children).map(([id, puppetOptions]) => puppet(() => stage, id, puppetOptions)),
    ...options,
  })
  stage.start()
  return stage
}

const results = (stage: Stage) => stage.snapshot.output?.children.map(({ id, result }) => [id, result])

describe('a child that does not drain in time', () => {
  it('is cut off at its deadline: its signal aborts, its disposers run in reverse, and then it is stopped', async () => {
    const events: string[] = []
    const stage = stageOf({
      camera: {
        onDrain: 'never drains',
        shutdown: 1_000,
        prepare: ({ signal }) => signal.addEventListener('abort', () => events.push('signal aborts')),
      },
    })
    const { incarnation } = stage.puppet('camera')
    incarnation.defer(() => void events.push('first disposer'))
    incarnation.defer(async () => {
      events.push(`second disposer, ${stage.take().join()}`)
      await Promise.resolve()
    })
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(999)
    expect(stage.take()).toEqual(['camera hears drain'])
    expect(events).toEqual([])
    await stage.clock.advanceAsync(1)
    expect(events).toEqual(['signal aborts', 'second disposer, ', 'first disposer'])
    expect(stage.take()).toEqual(['camera is gone'])
    expect(results(stage)).toEqual([['camera', 'cut_off']])
    expect(stage.snapshot.output?.drained).toBe(false)
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('has one signal, whenever and however often it is looked at', () => {
    const stage = stageOf({ camera: { shutdown: 'brutal_kill' } })
    const { incarnation } = stage.puppet('camera')
    const early = incarnation.signal
    expect(incarnation.signal).toBe(early)
    stage.supervisor.send({ type: 'drain' })
    expect(early.aborted).toBe(true)
    expect(incarnation.signal).toBe(early)
  })

  it('has its time again for each sign of progress that its incarnation gives, while it is not over', () => {
    const stage = stageOf(
      { camera: { shutdown: 1_000, onDrain: 'never drains' } },
      { stopBudget: { total: 5_000, hardCap: 60_000, afterSecondStop: 1_000 } },
    )
    const { incarnation } = stage.puppet('camera')
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(900)
    incarnation.progress()
    stage.clock.advance(999)
    expect(stage.states).toEqual({ camera: 'stopping' })
    stage.clock.advance(1)
    expect(stage.snapshot.status).toBe('done')
    incarnation.progress()
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is killed unasked where its shutdown is brutal_kill', () => {
    const stage = stageOf({ camera: { shutdown: 'brutal_kill' } })
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual(['camera starts', 'camera is gone'])
    expect(results(stage)).toEqual([['camera', 'cut_off']])
  })

  it('is waited for as long as it takes where its shutdown is infinity', () => {
    const stage = stageOf({ camera: { shutdown: 'infinity', onDrain: 'drains when told' } })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(86_400_000)
    expect(stage.snapshot.value).toBe('stopping')
    stage.puppet('camera').finish('the last frame')
    expect(stage.snapshot.output?.children).toEqual([
      { id: 'camera', path: 'root/camera', result: 'drained', output: 'the last frame' },
    ])
  })

  it('is waited for as long as it takes when it alone is to stop, too', () => {
    const stage = stageOf({ camera: { shutdown: 'infinity', onDrain: 'drains when told' } })
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'camera' })
    expect(stage.clock.pending).toBe(0)
    stage.clock.advance(86_400_000)
    expect(stage.states).toEqual({ camera: 'stopping' })
    stage.puppet('camera').finish()
    expect(stage.states).toEqual({ camera: 'terminated' })
  })

  it('is not cut off at once where it is given longer than any timer can be set for', () => {
    const stage = stageOf({ camera: { shutdown: 'infinity', onDrain: 'drains when told' } })
    stage.supervisor.send({ type: 'drain', within: Number.MAX_SAFE_INTEGER })
    stage.clock.advance(86_400_000)
    expect(stage.states).toEqual({ camera: 'stopping' })
    stage.puppet('camera').finish()
    expect(stage.snapshot.output?.drained).toBe(true)
    expect(stage.clock.pending).toBe(0)
  })
})

describe('a child that is asked to stop before it is ready, and then fails', () => {
  it('has ended: the others are stopped after it, and nobody waits for its deadline', () => {
    const stage = stageOf({ log: {}, manifest: { startTimeout: 'infinity', onDrain: 'never drains', shutdown: 5_000 } })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(1)
    stage.puppet('manifest').crash(new Error('the disk is gone'))
    expect(stage.snapshot.value).toBe('ended')
    expect(results(stage)).toEqual([
      ['log', 'drained'],
      ['manifest', 'crashed'],
    ])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

describe('done and deadline in one tick', () => {
  it('counts as drained when done comes first', () => {
    const stage = stageOf({ camera: { onDrain: 'drains when told', shutdown: 1_000 } })
    stage.clock.setTimeout(() => stage.puppet('camera').finish(), 1_000)
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(1_000)
    expect(results(stage)).toEqual([['camera', 'drained']])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('counts as cut off when the deadline comes first', () => {
    const stage = stageOf({ camera: { onDrain: 'drains when told', shutdown: 1_000 } })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.setTimeout(() => stage.puppet('camera').finish(), 1_000)
    stage.clock.advance(1_000)
    expect(results(stage)).toEqual([['camera', 'cut_off']])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('counts as drained when it was done in time and only its disposers take longer', async () => {
    const stage = stageOf({ camera: { onDrain: 'drains when told', shutdown: 1_000 } })
    stage
      .puppet('camera')
      .incarnation.defer(() => new Promise((resolve) => stage.clock.setTimeout(() => resolve(), 300)))
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(900)
    stage.puppet('camera').finish()
    await stage.clock.advanceAsync(300)
    expect(results(stage)).toEqual([['camera', 'drained']])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

describe('a child that somebody else stops while it drains', () => {
  it('counts as cut off: nobody knows what it had left', () => {
    const stage = stageOf({ a: { onDrain: 'drains when told' } })
    stage.supervisor.send({ type: 'drain' })
    const ref = stage.snapshot.children[0]?.ref
    if (ref === undefined) throw new Error('a is not up')
    stage.actors.stop(ref)
    expect(stage.snapshot.output).toMatchObject({ drained: false, children: [{ id: 'a', result: 'cut_off' }] })
  })
})

describe('a child that has ended, and whose disposers still run when everything is to stop', () => {
  it('is waited for, and not asked to drain: XState would complain', async () => {
    const complaints = vi.spyOn(console, 'warn').mockImplementation(() => {})
    onTestFinished(() => complaints.mockRestore())
    const stage = stageOf({ camera: { restart: 'temporary' } })
    stage
      .puppet('camera')
      .incarnation.defer(() => new Promise((resolve) => stage.clock.setTimeout(() => resolve(), 300)))
    stage.puppet('camera').finish()
    stage.supervisor.send({ type: 'drain' })
    await stage.clock.advanceAsync(300)
    expect(complaints).not.toHaveBeenCalled()
    expect(results(stage)).toEqual([['camera', 'drained']])
  })
})

describe('a child that crashes while it drains', () => {
  it('is not restarted; the stop goes on, and its output says so', () => {
    const stage = stageOf({ log: {}, camera: { onDrain: 'drains when told' } })
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    const error = new Error('boom')
    stage.puppet('camera').crash(error)
    expect(stage.take()).toEqual(['camera hears drain', 'camera is gone', 'log hears drain', 'log is gone'])
    expect(stage.snapshot.output).toMatchObject({
      drained: false,
      children: [
        { id: 'log', result: 'drained' },
        { id: 'camera', result: 'crashed', error },
      ],
    })
  })

  it('is not restarted either while another one drains', () => {
    const stage = stageOf({ log: {}, camera: { onDrain: 'drains when told' } })
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    stage.puppet('log').crash()
    stage.puppet('camera').finish()
    expect(stage.take()).toEqual(['camera hears drain', 'log is gone', 'camera is gone'])
    expect(results(stage)).toEqual([
      ['log', 'crashed'],
      ['camera', 'drained'],
    ])
  })
})

describe('a stop', () => {
  it('is legal while the supervisor is starting: what has not started never does', () => {
    const stage = stageOf({ log: {}, writer: { startTimeout: 10_000 }, camera: {} })
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual(['writer hears drain', 'writer is gone', 'log hears drain', 'log is gone'])
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: true })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is legal while a child is restarted', () => {
    const stage = stageOf({ log: {}, writer: { startTimeout: 10_000, onDrain: 'drains when told' } })
    stage.puppet('writer').ready()
    stage.puppet('writer').crash()
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual(['writer hears drain'])
    // Ready after the drain changes nothing.
    stage.puppet('writer').ready()
    stage.puppet('writer').finish()
    expect(stage.take()).toEqual(['writer is gone', 'log hears drain', 'log is gone'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is legal during roll-back, which goes on', () => {
    const failures = [new Error('no disk')]
    const stage = stageOf({ log: { onDrain: 'drains when told' }, writer: { failures } })
    expect(stage.take()).toEqual(['log starts', 'writer fails to start', 'log hears drain'])
    stage.supervisor.send({ type: 'drain' })
    stage.puppet('log').finish()
    expect(stage.take()).toEqual(['log is gone'])
    expect(stage.snapshot.output).toMatchObject({ ended: 'start_failed', error: new Error('no disk') })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is legal before anything has started', () => {
    const stage: Stage = new Stage({ children: [puppet(() => stage, 'log')] })
    stage.supervisor.send({ type: 'drain' })
    stage.start()
    expect(stage.take()).toEqual([])
    expect(stage.snapshot.output).toEqual({ ended: 'asked', error: undefined, drained: true, children: [] })
  })

  it('waits for a child that is being terminated already, and does not ask it twice', () => {
    const stage = stageOf({ log: {}, camera: { onDrain: 'drains when told' } })
    const answers: unknown[] = []
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'camera', reply: (answer) => answers.push(answer) })
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual([])
    expect(answers).toEqual([{ ok: false, error: 'shutting_down' }])
    stage.puppet('camera').finish()
    expect(stage.take()).toEqual(['camera is gone', 'log hears drain', 'log is gone'])
  })
})

describe('a stop budget', () => {
  const slow = (shutdown: number | 'infinity'): PuppetOptions => ({ shutdown, onDrain: 'never drains' })

  it('is shared out in proportion where the children ask for more', () => {
    const stage = stageOf(
      { c: slow(10_000), b: slow(20_000), a: slow(10_000) },
      { stopBudget: { total: 20_000, afterSecondStop: 5_000 } },
    )
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(4_999)
    expect(stage.take()).toEqual(['a hears drain'])
    stage.clock.advance(1)
    expect(stage.take()).toEqual(['a is gone', 'b hears drain'])
    stage.clock.advance(9_999)
    expect(stage.take()).toEqual([])
    stage.clock.advance(1)
    expect(stage.take()).toEqual(['b is gone', 'c hears drain'])
    stage.clock.advance(5_000)
    expect(stage.take()).toEqual(['c is gone'])
    expect(stage.clock.monotonic()).toBe(20_000)
    expect(stage.snapshot.status).toBe('done')
  })

  it('leaves to the others what one does not need, and to those without a limit what the others leave', () => {
    const stage = stageOf(
      { c: slow(10_000), b: slow('infinity'), a: { shutdown: 10_000 } },
      { stopBudget: { total: 30_000, afterSecondStop: 5_000 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(19_999)
    expect(stage.states).toMatchObject({ b: 'stopping', c: 'running' })
    stage.clock.advance(1)
    expect(stage.states).toMatchObject({ b: 'terminated', c: 'stopping' })
    stage.clock.advance(10_000)
    expect(stage.snapshot.status).toBe('done')
  })

  it('is extended by progress, by as much as the child was given, up to the cap and not at the cost of the others', () => {
    const stage = stageOf(
      { b: slow(5_000), a: slow(10_000) },
      { stopBudget: { total: 15_000, hardCap: 27_000, afterSecondStop: 5_000 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(9_000)
    stage.puppet('a').progress() // until 19,000
    stage.clock.advance(9_999)
    expect(stage.states).toMatchObject({ a: 'stopping' })
    stage.puppet('a').progress() // until 22,000: b's 5,000 are kept
    stage.clock.advance(3_000)
    stage.puppet('a').progress()
    expect(stage.states).toMatchObject({ a: 'stopping' })
    stage.clock.advance(1)
    expect(stage.states).toMatchObject({ a: 'terminated', b: 'stopping' })
    stage.clock.advance(5_000)
    expect(stage.snapshot.status).toBe('done')
    expect(stage.clock.monotonic()).toBe(27_000)
  })

  it('keeps what progress has gained when another child ends meanwhile', () => {
    const stage = stageOf(
      { b: slow(5_000), a: slow(10_000) },
      { stopBudget: { total: 60_000, hardCap: 120_000, afterSecondStop: 5_000 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(9_000)
    stage.puppet('a').progress() // until 19,000
    stage.puppet('b').crash()
    stage.clock.advance(9_999)
    expect(stage.states).toEqual({ b: 'terminated', a: 'stopping' })
    stage.clock.advance(1)
    expect(stage.snapshot.status).toBe('done')
  })

  it('is cut by a second stop, which leaves its time for everything that remains', () => {
    const stage = stageOf(
      { c: slow(10_000), b: slow(10_000), a: slow(10_000) },
      { stopBudget: { total: 60_000, afterSecondStop: 3_000 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(5_000)
    stage.supervisor.send({ type: 'stop.hurry' })
    stage.clock.advance(999)
    expect(stage.states).toMatchObject({ a: 'stopping' })
    stage.clock.advance(1)
    expect(stage.states).toMatchObject({ a: 'terminated', b: 'stopping' })
    stage.clock.advance(2_000)
    expect(stage.snapshot.status).toBe('done')
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is not extended any more after a second stop, whoever gets on', () => {
    const stage = stageOf(
      { b: slow(10_000), a: slow(10_000) },
      { stopBudget: { total: 60_000, hardCap: 120_000, afterSecondStop: 4_000 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(5_000)
    stage.puppet('a').progress()
    stage.supervisor.send({ type: 'stop.hurry' })
    for (const child of ['a', 'b']) {
      stage.clock.advance(1_999)
      stage.puppet(child).progress()
      expect(stage.states).toMatchObject({ [child]: 'stopping' })
      stage.clock.advance(1)
      expect(stage.states).toMatchObject({ [child]: 'terminated' })
    }
    expect(stage.snapshot.status).toBe('done')
    expect(stage.clock.monotonic()).toBe(9_000)
  })

  it('forgets at a second stop what was earned before it, also where the supervisor above finds more time', () => {
    const stage = stageOf(
      { b: slow('infinity'), a: slow(10_000) },
      { stopBudget: { total: 60_000, hardCap: 120_000, afterSecondStop: 4_500 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(5_000)
    stage.puppet('a').progress() // until 15,000
    stage.supervisor.send({ type: 'stop.hurry' }) // of 4,500, b gets a third
    stage.supervisor.send({ type: 'stop.extend', within: 4_500 })
    stage.clock.advance(2_999)
    expect(stage.states).toMatchObject({ a: 'stopping', b: 'running' })
    stage.clock.advance(1)
    expect(stage.states).toMatchObject({ a: 'terminated', b: 'stopping' })
    stage.clock.advance(1_500)
    expect(stage.snapshot.status).toBe('done')
  })

  it('is not made longer by a second stop that leaves more', () => {
    const stage = stageOf(
      { b: slow('infinity'), a: slow(1_000) },
      { stopBudget: { total: 10_000, afterSecondStop: 1 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(500)
    stage.supervisor.send({ type: 'stop.hurry', within: 20_000 })
    stage.clock.advance(9_499)
    expect(stage.states).toEqual({ b: 'stopping', a: 'terminated' })
    stage.clock.advance(1)
    expect(stage.snapshot.status).toBe('done')
  })

  it('is not made longer after a second stop by time from above', () => {
    const stage = stageOf(
      { a: slow(10_000) },
      { stopBudget: { total: 10_000, hardCap: 30_000, afterSecondStop: 4_000 } },
    )
    stage.supervisor.send({ type: 'drain' })
    stage.supervisor.send({ type: 'stop.hurry' })
    stage.supervisor.send({ type: 'stop.extend', within: 20_000 })
    stage.clock.advance(3_000)
    stage.puppet('a').progress()
    stage.clock.advance(999)
    expect(stage.states).toEqual({ a: 'stopping' })
    stage.clock.advance(1)
    expect(stage.snapshot.status).toBe('done')
  })

  it('is not needed for a second stop: that leaves 5,000 ms, and is reported', () => {
    const stage = stageOf({ a: slow('infinity') })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(60_000)
    stage.supervisor.send({ type: 'stop.hurry' })
    expect(stage.reports.at(-1)).toMatchObject({
      ...{ path: 'root', cause: { type: 'second_stop' }, decision: 'shut_down' },
      reason: 'asked again: 5000 ms are left',
    })
    stage.clock.advance(4_999)
    expect(stage.states).toEqual({ a: 'stopping' })
    stage.clock.advance(1)
    expect(stage.snapshot.status).toBe('done')
  })

  it('never gives a child more than it asks for', () => {
    const stage = stageOf({ a: slow(1_000) }, { stopBudget: { total: 60_000, afterSecondStop: 5_000 } })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(1_000)
    expect(stage.snapshot.status).toBe('done')
  })
})

describe('a group that runs side by side', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => `camera.${i}`)

  it('is ready at once; 100 children that need 1,000 ms each stop in 1,000 ms', () => {
    const children = Object.fromEntries(
      hundred.map((id) => [id, { startTimeout: 10_000, shutdown: 5_000, onDrain: 'drains when told' } as const]),
    )
    const stage = stageOf(children, { concurrent: true })
    expect(stage.snapshot.hasTag('ready')).toBe(true)
    expect(stage.take()).toHaveLength(100)
    for (const id of hundred) stage.clock.setTimeout(() => stage.puppet(id).finish(), 1_000)
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toHaveLength(100)
    stage.clock.advance(999)
    expect(stage.snapshot.counts.active).toBe(100)
    stage.clock.advance(1)
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: true })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('restarts its children independently: one that hangs while starting holds up no other', () => {
    const stage = stageOf({ a: { startTimeout: 1_000 }, b: { startTimeout: 1_000 } }, { concurrent: true })
    stage.puppet('b').ready()
    stage.puppet('b').crash()
    expect(stage.epochs).toEqual({ a: 1, b: 2 })
    stage.puppet('a').ready()
    stage.puppet('a').crash()
    expect(stage.epochs).toEqual({ a: 2, b: 2 })
    expect(stage.states).toEqual({ a: 'starting', b: 'starting' })
  })

  it('treats a start that fails at boot as a crash of that child alone', () => {
    const failures = [new Error('no camera')]
    const stage = stageOf({ a: { failures }, b: {} }, { concurrent: true })
    expect(stage.states).toEqual({ a: 'restarting', b: 'running' })
    stage.clock.advance(0)
    expect(stage.states).toEqual({ a: 'running', b: 'running' })
  })

  it('leaves a temporary child whose start fails at boot: it is not tried again, and ends nobody', () => {
    const failures = Array.from({ length: 9 }, () => new Error('no camera'))
    const stage = stageOf({ a: { failures, restart: 'temporary' }, b: {} }, { concurrent: true })
    stage.clock.advance(60_000)
    expect(failures).toHaveLength(8)
    expect(stage.states).toEqual({ b: 'running' })
    expect(stage.snapshot.restartsLeft).toBe(5)
    expect(stage.reports.find(({ decision }) => decision === 'leave')).toMatchObject({
      path: 'root/a',
      cause: { type: 'start_failed', error: new Error('no camera') },
      reason: 'a could not be started: it is not restarted',
    })
  })

  it('ends with a significant one whose start fails at boot, and answers each question once', () => {
    const failures = [new Error('no camera')]
    const stage: Stage = new Stage({
      concurrent: true,
      autoShutdown: 'any_significant',
      children: [
        puppet(() => stage, 'a', { failures, restart: 'temporary', significant: true }),
        puppet(() => stage, 'b'),
      ],
    })
    stage.start()
    expect(stage.snapshot.output).toMatchObject({ ended: 'auto_shutdown', children: [{ id: 'b' }] })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

describe('a supervisor that is told to drain while it stops for a reason of its own', () => {
  const givenUp = () => {
    const stage = stageOf({ a: { onDrain: 'never drains', shutdown: 60_000 }, b: {} }, { intensity: 0 })
    stage.puppet('b').crash()
    expect(stage.snapshot.value).toBe('stopping')
    return stage
  }

  it('has no longer than it is given now', () => {
    const stage = givenUp()
    stage.supervisor.send({ type: 'drain', within: 1_000 })
    expect(stage.reports.at(-1)).toMatchObject({
      ...{ path: 'root', cause: { type: 'drain' }, decision: 'shut_down' },
      reason: 'asked to stop, which it does already: 1000 ms are left',
    })
    stage.clock.advance(999)
    expect(stage.snapshot.status).toBe('active')
    stage.clock.advance(1)
    expect(stage.snapshot.output).toMatchObject({ ended: 'shutdown', drained: false })
  })

  it('goes on as it was, where it is given no time', () => {
    const stage = givenUp()
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(59_999)
    expect(stage.snapshot.status).toBe('active')
    stage.clock.advance(1)
    expect(stage.snapshot.status).toBe('done')
  })
})

describe('a child that is hurried', () => {
  it('is told so, and nothing else', () => {
    const heard: unknown[] = []
    const logic = fromCallback(({ receive }) => receive((event) => heard.push(event)))
    const stage = new Stage({ children: [{ id: 'a', shutdown: 10_000, start: () => run(logic) }] })
    stage.start()
    stage.supervisor.send({ type: 'drain' })
    stage.supervisor.send({ type: 'stop.hurry', within: 2_000 })
    expect(heard).toEqual([
      { type: 'drain', within: 10_000 },
      { type: 'stop.hurry', within: 2_000 },
    ])
  })
})

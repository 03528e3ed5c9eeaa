import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StartTimeoutError } from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'
import type { SupervisorOptions } from '../../src/supervision/index.ts'

function stageOf(children: Record<string, PuppetOptions>, options: SupervisorOptions = {}): Stage {
  const stage: Stage = new Stage({
    intensity: 5,
    period: 60_000,
    children: Object.entries(children).map(([id, puppetOptions]) => puppet(() => stage, id, puppetOptions)),
    ...options,
  })
  return stage.start()
}

describe('a child that is not ready in time', () => {
  it('fails the start of the supervisor, which stops what had started and says why', () => {
    const stage = stageOf({ log: {}, writer: { startTimeout: 1_000 }, camera: {} })
    expect(stage.take()).toEqual(['log starts', 'writer starts'])
    stage.clock.advance(999)
    expect(stage.snapshot.status).toBe('active')
    stage.clock.advance(1)
    expect(stage.take()).toEqual(['writer is gone', 'log hears drain', 'log is gone'])
    expect(stage.snapshot.output?.ended).toBe('start_failed')
    expect(stage.snapshot.output?.error).toEqual(new StartTimeoutError('writer', 1_000))
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is tried again at once while it is restarted, and each try costs one restart', () => {
    const stage = stageOf({ writer: { startTimeout: 1_000 } }, { intensity: 2 })
    stage.puppet('writer').ready()
    stage.puppet('writer').crash()
    expect(stage.snapshot.children[0]?.restartsLeft).toBe(1)
    stage.clock.advance(1_000)
    expect(stage.states).toEqual({ writer: 'starting' })
    expect(stage.epochs).toEqual({ writer: 3 })
    expect(stage.snapshot.children[0]?.restartsLeft).toBe(0)
    stage.clock.advance(999)
    expect(stage.snapshot.status).toBe('active')
    stage.clock.advance(1)
    expect(stage.snapshot.output).toMatchObject({ ended: 'shutdown', children: [] })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is too late when it becomes ready while its disposers run', async () => {
    let dispose = () => {}
    const stage = stageOf({
      writer: {
        startTimeout: 1_000,
        prepare: (life) => life.defer(() => new Promise((resolve) => (dispose = resolve))),
      },
    })
    stage.clock.advance(1_000)
    stage.puppet('writer').ready()
    expect(stage.states).toEqual({ writer: 'starting' })
    expect(stage.snapshot.hasTag('ready')).toBe(false)
    dispose()
    await stage.clock.advanceAsync(0)
    expect(stage.snapshot.output?.ended).toBe('start_failed')
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

describe('a child that crashes while it is starting', () => {
  it('fails the start of the supervisor with its own error', () => {
    const stage = stageOf({ log: {}, writer: { startTimeout: 'infinity' } })
    const error = new Error('disk on fire')
    stage.puppet('writer').crash(error)
    expect(stage.snapshot.output).toMatchObject({ ended: 'start_failed', error })
    expect(stage.take()).toEqual(['log starts', 'writer starts', 'writer is gone', 'log hears drain', 'log is gone'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('fails it too when it ends before it is ready, though without an error', () => {
    const stage = stageOf({ writer: { startTimeout: 'infinity' } })
    stage.puppet('writer').finish()
    expect(stage.snapshot.output?.ended).toBe('start_failed')
    expect(String(stage.snapshot.output?.error)).toBe('EndedBeforeReadyError: writer ended before it was ready')
  })
})

describe('a child whose start function throws while it is restarted', () => {
  it('is tried again, after what else there is to do, until its start succeeds', () => {
    const failures: Error[] = []
    const stage = stageOf({ writer: { failures } })
    failures.push(new Error('one'), new Error('two'))
    stage.puppet('writer').crash()
    expect(stage.take()).toEqual(['writer starts', 'writer is gone', 'writer fails to start'])
    expect(stage.states).toEqual({ writer: 'restarting' })
    stage.clock.advance(0)
    expect(stage.take()).toEqual(['writer fails to start', 'writer starts'])
    expect(stage.states).toEqual({ writer: 'running' })
    expect(stage.epochs).toEqual({ writer: 4 })
    expect(stage.snapshot.restartsLeft).toBe(2)
  })

  it('is active meanwhile: the end of its significant sibling ends nobody else', () => {
    const failures: Error[] = []
    const significant = { significant: true, restart: 'transient' } as const
    const stage = stageOf({ a: significant, b: { ...significant, failures } }, { autoShutdown: 'all_significant' })
    failures.push(new Error('no'))
    stage.puppet('b').crash()
    stage.puppet('a').finish()
    expect(stage.states).toEqual({ a: 'terminated', b: 'restarting' })
    stage.clock.advance(0)
    expect(stage.states).toEqual({ a: 'terminated', b: 'running' })
    stage.puppet('b').finish()
    expect(stage.snapshot.output?.ended).toBe('auto_shutdown')
  })

  it('has those that wait for it inactive: the end of the only other significant one ends all', () => {
    const failures: Error[] = []
    const significant = { significant: true, restart: 'transient' } as const
    const stage = stageOf(
      { first: significant, bad: { failures }, last: significant },
      { strategy: 'rest_for_one', autoShutdown: 'all_significant' },
    )
    failures.push(new Error('no'))
    stage.puppet('bad').crash()
    expect(stage.states).toEqual({ first: 'running', bad: 'restarting', last: 'waiting' })
    stage.puppet('first').finish()
    expect(stage.snapshot.output?.ended).toBe('auto_shutdown')
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

describe('restarts in a period', () => {
  it.each([
    { apart: 1_000, ended: true },
    { apart: 1_001, ended: false }, // the first restart has just expired
  ])('are spent by one more than the intensity within it: $apart ms', ({ apart, ended }) => {
    const stage = stageOf({ writer: {} }, { intensity: 1, period: 1_000 })
    stage.puppet('writer').crash()
    stage.clock.advance(apart)
    stage.puppet('writer').crash()
    expect(stage.snapshot.status).toBe(ended ? 'done' : 'active')
    expect(stage.snapshot.output?.ended).toBe(ended ? 'shutdown' : undefined)
  })

  it('count each by its own age: those that have expired are forgotten, and those after them are not', () => {
    const stage = stageOf({ writer: {} }, { intensity: 2, period: 1_000 })
    const { supervisor, clock } = stage
    const left: number[] = []
    for (const apart of [0, 600, 600]) {
      clock.advance(apart)
      stage.puppet('writer').crash()
      left.push(stage.reports.findLast(({ decision }) => decision === 'restart')?.restartsLeft ?? -1)
    }
    expect(left).toEqual([1, 0, 0])
    clock.advance(400)
    stage.puppet('writer').crash()
    expect(supervisor.getSnapshot().output?.ended).toBe('shutdown')
  })

  it('stop every other child in order when they are spent', () => {
    const stage = stageOf({ log: {}, writer: {}, camera: {} }, { intensity: 0, stopOrder: ['camera', 'log', 'writer'] })
    stage.take()
    stage.puppet('writer').crash()
    expect(stage.take()).toEqual([
      'writer is gone',
      'camera hears drain',
      'camera is gone',
      'log hears drain',
      'log is gone',
    ])
    expect(stage.decisions.slice(-7)).toEqual([
      'root: give_up',
      'root: shut_down',
      'camera: stop',
      'camera: leave',
      'log: stop',
      'log: leave',
      'root: end',
    ])
    // The one that was down already has no part in the stop.
    expect(stage.snapshot.output?.children.map(({ id }) => id)).toEqual(['log', 'camera'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

describe('back-off', () => {
  const backoff = { initial: 1_000, factor: 2, max: 5_000, resetAfter: 60_000 }

  it('waits a random part of a doubling time, up to its maximum, and starts over after a quiet time', () => {
    const stage = stageOf({ camera: {} }, { intensity: 100, backoff, random: () => 0.5 })
    for (const wait of [500, 1_000, 2_000, 2_500, 2_500]) {
      stage.puppet('camera').crash()
      expect(stage.states).toEqual({ camera: 'backing_off' })
      stage.clock.advance(wait - 1)
      expect(stage.states).toEqual({ camera: 'backing_off' })
      stage.clock.advance(1)
      expect(stage.states).toEqual({ camera: 'running' })
    }
    stage.clock.advance(60_000)
    stage.puppet('camera').crash()
    stage.clock.advance(500)
    expect(stage.states).toEqual({ camera: 'running' })
  })

  it('is disturbed neither by what the last life says late nor by the crash of another child', () => {
    const stage = stageOf({ a: { backoff }, b: {} }, { intensity: 2, random: () => 0.5 })
    const { incarnation, crash } = stage.puppet('a')
    crash()
    incarnation.ready()
    incarnation.progress()
    stage.puppet('b').crash()
    expect(stage.states).toEqual({ a: 'backing_off', b: 'running' })
    stage.clock.advance(499)
    expect(stage.epochs).toEqual({ a: 1, b: 2 })
    stage.clock.advance(1)
    expect(stage.states).toEqual({ a: 'running', b: 'running' })
    expect(stage.epochs).toEqual({ a: 2, b: 2 })
  })

  it('waits as chance has it where no other chance is given', () => {
    const chance = vi.spyOn(Math, 'random').mockReturnValue(0.25)
    onTestFinished(() => chance.mockRestore())
    const stage = stageOf({ camera: {} }, { backoff })
    stage.puppet('camera').crash()
    expect(stage.states).toEqual({ camera: 'backing_off' })
    stage.clock.advance(249)
    expect(stage.states).toEqual({ camera: 'backing_off' })
    stage.clock.advance(1)
    expect(stage.states).toEqual({ camera: 'running' })
  })

  it('does not outlive a stop', () => {
    const stage = stageOf({ camera: {}, log: {} }, { backoff, random: () => 0.5 })
    stage.puppet('camera').crash()
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take()).toEqual(['log hears drain', 'log is gone'])
    expect(stage.snapshot.output).toMatchObject({ ended: 'asked', drained: true })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is cut short for a child that its sibling restarts together with itself', () => {
    const stage = stageOf({ a: { backoff }, b: {} }, { strategy: 'one_for_all', random: () => 0.5 })
    stage.puppet('a').crash()
    expect(stage.states).toEqual({ a: 'backing_off', b: 'waiting' })
    stage.clock.advance(500)
    expect(stage.states).toEqual({ a: 'running', b: 'running' })
    expect(stage.epochs).toEqual({ a: 2, b: 2 })
    expect(stage.clock.pending).toBe(0)
  })

  it('ends early when someone restarts the child', async () => {
    const stage = stageOf({ a: { backoff } }, { random: () => 0.5 })
    stage.puppet('a').crash()
    const answers: unknown[] = []
    stage.supervisor.send({ type: 'supervisor.restart_child', id: 'a', reply: (answer) => answers.push(answer) })
    stage.supervisor.send({ type: 'supervisor.delete_child', id: 'a', reply: (answer) => answers.push(answer) })
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'a', reply: (answer) => answers.push(answer) })
    expect(answers).toEqual([
      { ok: false, error: 'restarting' },
      { ok: false, error: 'restarting' },
      { ok: true, id: 'a', ref: undefined },
    ])
    expect(stage.clock.pending).toBe(0)
    stage.supervisor.send({ type: 'supervisor.restart_child', id: 'a' })
    expect(stage.states).toEqual({ a: 'running' })
  })
})

describe("a child's own budget", () => {
  const budget = { intensity: 1, period: 1_000, retryAfter: 300_000 }

  it('makes it crashed when it is spent, touches no other, and tries again every retryAfter', () => {
    const stage = stageOf({ bad: { budget }, good: {} }, { intensity: 0 })
    stage.puppet('bad').crash()
    stage.puppet('bad').crash()
    expect(stage.states).toEqual({ bad: 'crashed', good: 'running' })
    stage.clock.advance(299_999)
    expect(stage.epochs).toEqual({ bad: 2, good: 1 })
    stage.clock.advance(1)
    expect(stage.epochs).toEqual({ bad: 3, good: 1 })
    expect(stage.states).toEqual({ bad: 'running', good: 'running' })
    // It is on probation: one crash and it is crashed again.
    stage.clock.advance(999)
    stage.puppet('bad').crash()
    expect(stage.states).toEqual({ bad: 'crashed', good: 'running' })
    stage.clock.advance(300_000)
    stage.clock.advance(1_000)
    // It has run for its period, and is sound.
    stage.puppet('bad').crash()
    expect(stage.states).toEqual({ bad: 'running', good: 'running' })
    expect(stage.snapshot.status).toBe('active')
  })

  it('has none left while it is crashed or on probation, however long ago it was spent, and is whole again after that', () => {
    const stage = stageOf({ bad: { budget } }, { intensity: 0 })
    const left = () => stage.snapshot.children[0]?.restartsLeft
    stage.puppet('bad').crash()
    stage.puppet('bad').crash()
    stage.clock.advance(budget.retryAfter - 1)
    expect([left(), stage.states]).toEqual([0, { bad: 'crashed' }])
    stage.clock.advance(budget.period)
    expect([left(), stage.states]).toEqual([0, { bad: 'running' }])
    stage.clock.advance(1)
    expect(left()).toBe(budget.intensity)
  })

  it('is whole again for one that has proved sound', () => {
    const stage = stageOf({ bad: { budget: { ...budget, intensity: 2 } } })
    for (let crash = 0; crash < 3; crash++) stage.puppet('bad').crash()
    expect(stage.states).toEqual({ bad: 'crashed' })
    stage.clock.advance(budget.retryAfter + budget.period)
    for (const state of ['running', 'running', 'crashed']) {
      stage.puppet('bad').crash()
      expect(stage.states).toEqual({ bad: state })
    }
  })

  it('is not that of the supervisor, and spends nothing of it', () => {
    const stage = stageOf({ bad: { budget: { ...budget, intensity: 5 } }, good: {} }, { intensity: 1 })
    for (let crash = 0; crash < 3; crash++) stage.puppet('bad').crash()
    expect(stage.snapshot.restartsLeft).toBe(1)
    stage.puppet('good').crash()
    stage.puppet('bad').crash()
    expect(stage.states).toEqual({ bad: 'running', good: 'running' })
    expect(stage.snapshot.children.map(({ restartsLeft }) => restartsLeft)).toEqual([1, 0])
  })

  it.each([
    { apart: 2_000, state: 'crashed' },
    { apart: 2_001, state: 'running' }, // the first restart has just expired
  ])('has a period of its own, whatever that of the supervisor: $apart ms', ({ apart, state }) => {
    for (const period of [1_000, 60_000]) {
      const stage = stageOf({ bad: { budget: { ...budget, period: 2_000 } } }, { period })
      stage.puppet('bad').crash()
      stage.clock.advance(apart)
      stage.puppet('bad').crash()
      expect(stage.states).toEqual({ bad: state })
    }
  })

  it('holds for failing starts as well', () => {
    const failures: Error[] = []
    const stage = stageOf({ bad: { budget, failures } })
    failures.push(new Error('one'), new Error('two'))
    stage.puppet('bad').crash()
    stage.clock.advance(0)
    expect(stage.states).toEqual({ bad: 'crashed' })
    expect(failures).toHaveLength(1)
    stage.clock.advance(300_000)
    expect(stage.states).toEqual({ bad: 'crashed' })
    stage.clock.advance(300_000)
    expect(stage.states).toEqual({ bad: 'running' })
  })
})

describe('a child that has spent its own budget in the midst of a restart with others', () => {
  const budget = { intensity: 1, period: 1_000, retryAfter: 300_000 }
  const fails = (): PuppetOptions & { failures: Error[] } => ({ budget, failures: [] })

  it.each(['rest_for_one', 'one_for_all'] as const)(
    'is crashed alone: those that were stopped for it go on without it, %s',
    (strategy) => {
      const bad = fails()
      const stage = stageOf({ bad, good: {} }, { strategy })
      bad.failures.push(new Error('one'))
      stage.puppet('bad').crash()
      expect(stage.states).toEqual({ bad: 'restarting', good: 'waiting' })
      stage.clock.advance(0)
      expect(stage.states).toEqual({ bad: 'crashed', good: 'running' })
      stage.clock.advance(300_000)
      expect(stage.states).toEqual({ bad: 'running', good: 'running' })
      expect(stage.clock.pending).toBe(0)
    },
  )

  it('leaves those alone that were terminated meanwhile', () => {
    const bad = fails()
    const stage = stageOf({ bad, good: {} }, { strategy: 'one_for_all' })
    bad.failures.push(new Error('one'))
    stage.puppet('bad').crash()
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'good' })
    stage.clock.advance(0)
    expect(stage.states).toEqual({ bad: 'crashed', good: 'terminated' })
  })

  it('is crashed alone when another has taken it along', () => {
    const bad = fails()
    const stage = stageOf({ first: { takesAlong: ['bad', 'good'] }, bad, good: {} })
    bad.failures.push(new Error('one'), new Error('two'))
    stage.puppet('first').crash()
    stage.clock.advance(0)
    expect(stage.states).toEqual({ first: 'running', bad: 'crashed', good: 'running' })
    // So it is at its next try: the others have long gone on.
    stage.clock.advance(300_000)
    expect(stage.states).toEqual({ first: 'running', bad: 'running', good: 'running' })
    expect(stage.epochs).toEqual({ first: 2, bad: 4, good: 2 })
  })

  it('is crashed alone when one that starts after it has taken it along', () => {
    const bad = fails()
    const stage = stageOf({ bad, last: { takesAlong: ['bad'] } })
    bad.failures.push(new Error('one'), new Error('two'))
    stage.puppet('last').crash()
    expect(stage.states).toEqual({ bad: 'restarting', last: 'waiting' })
    stage.clock.advance(0)
    expect(stage.states).toEqual({ bad: 'crashed', last: 'running' })
  })
})

describe('a crashed child that is tried again', () => {
  const budget = { intensity: 0, period: 1_000, retryAfter: 300_000 }
  const failures: Error[] = []
  const bad: PuppetOptions = { budget, failures, startTimeout: 10_000 }
  interface Group {
    readonly options: SupervisorOptions
    readonly rules: PuppetOptions
  }
  const groups: readonly Group[] = [
    { options: { strategy: 'one_for_all' }, rules: bad },
    { options: { strategy: 'rest_for_one' }, rules: bad },
    { options: {}, rules: { ...bad, takesAlong: ['good'] } },
    { options: { restartsApart: true }, rules: { ...bad, takesAlong: ['good'] } },
  ]

  /** Tried again for the first time after its crash. */
  function triedAgain({ options, rules }: Group, fails: readonly Error[] = []): Stage {
    const stage = stageOf({ first: {}, bad: rules, good: {} }, options)
    stage.puppet('bad').ready()
    stage.puppet('bad').crash()
    failures.push(...fails)
    stage.take()
    stage.clock.advance(300_000)
    return stage
  }

  it.each(groups)('touches no other while its start fails: $options', (group) => {
    const stage = triedAgain(group, [new Error('one')])
    expect(stage.take()).toEqual(['bad fails to start'])
    expect(stage.states).toEqual({ first: 'running', bad: 'crashed', good: 'running' })
    stage.clock.advance(300_000)
    stage.clock.advance(10_000)
    expect(stage.take()).toEqual(['bad starts', 'bad is gone'])
    expect(stage.states).toEqual({ first: 'running', bad: 'crashed', good: 'running' })
    expect(stage.epochs).toEqual({ first: 1, bad: 3, good: 1 })
  })

  it.each(groups.slice(1))('has the others restarted once it is ready: $options', (group) => {
    const stage = triedAgain(group)
    expect(stage.states).toEqual({ first: 'running', bad: 'starting', good: 'running' })
    expect(stage.take()).toEqual(['bad starts'])
    stage.puppet('bad').ready()
    expect(stage.take()).toEqual(['good hears drain', 'good is gone', 'good starts'])
    expect(stage.epochs).toEqual({ first: 1, bad: 2, good: 2 })
  })

  it.each<Group>([
    { options: { strategy: 'one_for_all' }, rules: bad },
    { options: {}, rules: { ...bad, takesAlong: ['first', 'good'] } },
  ])('starts once more after those that start before it: $options', (group) => {
    const stage = triedAgain(group)
    expect(stage.take()).toEqual(['bad starts'])
    stage.puppet('bad').ready()
    expect(stage.take()).toEqual([
      ...['good hears drain', 'good is gone', 'bad hears drain', 'bad is gone', 'first hears drain', 'first is gone'],
      ...['first starts', 'bad starts'],
    ])
    stage.puppet('bad').ready()
    expect(stage.take()).toEqual(['good starts'])
    expect(stage.epochs).toEqual({ first: 2, bad: 3, good: 2 })
    // It is still on probation.
    stage.puppet('bad').crash()
    expect(stage.states).toEqual({ first: 'running', bad: 'crashed', good: 'running' })
  })

  it('starts none that waits for another, where its own start fails', () => {
    const backoff = { initial: 600_000, factor: 1, max: 600_000, resetAfter: 600_000 }
    const stage = stageOf(
      { bad: { ...bad, takesAlong: ['good'] }, slow: { backoff, takesAlong: ['good'] }, good: {} },
      { random: () => 0.99 },
    )
    stage.puppet('bad').ready()
    stage.puppet('bad').crash()
    stage.puppet('slow').crash()
    failures.push(new Error('one'))
    stage.clock.advance(300_000)
    expect(stage.states).toEqual({ bad: 'crashed', slow: 'backing_off', good: 'waiting' })
    stage.clock.advance(294_000)
    expect(stage.epochs).toEqual({ bad: 2, slow: 2, good: 2 })
  })

  it.each(groups)('is not kept from starting by the crash of another: $options', (group) => {
    const stage = triedAgain(group)
    stage.puppet('good').crash()
    stage.puppet('bad').ready()
    stage.puppet('bad').ready()
    expect(stage.states).toEqual({ first: 'running', bad: 'running', good: 'running' })
    expect(stage.epochs).toMatchObject({ good: 2 })
    expect(stage.clock.pending).toBe(0)
  })
})

describe('a child that takes others along', () => {
  const children = {
    manifest: { takesAlong: ['writer', 'uploader'], startTimeout: 10_000 },
    writer: { startTimeout: 10_000 },
    uploader: { startTimeout: 10_000 },
    inspector: {},
  } as const
  const ready = (stage: Stage) => {
    for (const id of ['manifest', 'writer', 'uploader']) stage.puppet(id).ready()
    stage.take()
    return stage
  }

  it('stops them in stop order and starts them in start order, each when the one before is ready', () => {
    const stage = ready(stageOf(children, { stopOrder: ['writer', 'uploader', 'inspector', 'manifest'] }))
    stage.puppet('manifest').crash()
    expect(stage.take()).toEqual([
      'manifest is gone',
      'writer hears drain',
      'writer is gone',
      'uploader hears drain',
      'uploader is gone',
      'manifest starts',
    ])
    expect(stage.states).toEqual({ manifest: 'starting', writer: 'waiting', uploader: 'waiting', inspector: 'running' })
    stage.puppet('manifest').ready()
    stage.puppet('writer').ready()
    stage.puppet('uploader').ready()
    expect(stage.take()).toEqual(['writer starts', 'uploader starts'])
    expect(stage.epochs).toEqual({ manifest: 2, writer: 2, uploader: 2, inspector: 1 })
    expect(stage.snapshot.restartsLeft).toBe(4)
  })

  it('brings the later ones up too when one of them fails to start at first', () => {
    const failures: Error[] = []
    const stage = ready(stageOf({ ...children, writer: { startTimeout: 10_000, failures } }))
    failures.push(new Error('not yet'))
    stage.puppet('manifest').crash()
    stage.puppet('manifest').ready()
    expect(stage.states).toMatchObject({ manifest: 'running', writer: 'restarting', uploader: 'waiting' })
    stage.clock.advance(0)
    stage.puppet('writer').ready()
    stage.puppet('uploader').ready()
    expect(stage.states).toEqual({ manifest: 'running', writer: 'running', uploader: 'running', inspector: 'running' })
    expect(stage.clock.pending).toBe(0)
  })

  it('leaves alone what was terminated on purpose', () => {
    const stage = ready(stageOf(children))
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'uploader' })
    stage.puppet('manifest').crash()
    stage.puppet('manifest').ready()
    stage.puppet('writer').ready()
    expect(stage.states).toEqual({
      manifest: 'running',
      writer: 'running',
      uploader: 'terminated',
      inspector: 'running',
    })
  })
})

describe('what is no longer up is not taken along', () => {
  const ends = [
    { how: 'was terminated', rules: {}, end: (stage: Stage) => terminate(stage) },
    { how: 'has ended for good', rules: { restart: 'transient' }, end: (stage: Stage) => stage.puppet('b').finish() },
  ] as const
  const terminate = (stage: Stage) => stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'b' })

  it.each(ends)('where it $how', ({ rules, end }) => {
    const stage = stageOf({ a: { takesAlong: ['b'] }, b: rules })
    end(stage)
    stage.puppet('a').crash()
    expect(stage.states).toEqual({ a: 'running', b: 'terminated' })
  })

  it.each(ends)('but restarted by rest_for_one, as OTP does, where it $how', ({ rules, end }) => {
    const stage = stageOf({ a: {}, b: rules }, { strategy: 'rest_for_one' })
    end(stage)
    stage.puppet('a').crash()
    expect(stage.states).toEqual({ a: 'running', b: 'running' })
  })

  it('where it chose to start nothing', () => {
    let starts = 0
    const idle = { id: 'idle', start: () => (starts++, undefined) }
    const stage: Stage = new Stage({ children: [puppet(() => stage, 'a', { takesAlong: ['idle'] }), idle] })
    stage.start()
    stage.puppet('a').crash()
    expect(stage.states).toEqual({ a: 'running', idle: 'terminated' })
    expect(starts).toBe(1)
  })
})

describe('an exit that happens while the supervisor is busy', () => {
  it('waits its turn, and is forgotten if the child has been restarted with others meanwhile', () => {
    const stage = stageOf(
      { a: { startTimeout: 1_000 }, b: { onDrain: 'drains when told' }, c: {} },
      { strategy: 'one_for_all' },
    )
    stage.puppet('a').ready()
    stage.take()
    stage.puppet('c').crash()
    // c has ended, b is draining, and now a crashes before its turn to stop.
    stage.puppet('a').crash()
    expect(stage.take()).toEqual(['c is gone', 'b hears drain', 'a is gone'])
    stage.puppet('b').finish()
    stage.puppet('a').ready()
    expect(stage.take()).toEqual(['b is gone', 'a starts', 'b starts', 'c starts'])
    expect(stage.epochs).toEqual({ a: 2, b: 2, c: 2 })
    expect(stage.snapshot.restartsLeft).toBe(4)
  })

  it('has its child run no longer than it has, for the back-off', () => {
    const backoff = { initial: 1_000, factor: 10, max: 100_000, resetAfter: 60_000 }
    const stage = stageOf({ a: { backoff }, b: { startTimeout: 100_000 } }, { random: () => 0.999_999 })
    stage.puppet('b').ready()
    stage.puppet('a').crash()
    stage.clock.advance(2_000)
    stage.puppet('b').crash()
    // a has run for 1,000 ms when it ends, and for 71,000 ms when its turn comes.
    stage.puppet('a').crash()
    stage.clock.advance(70_000)
    stage.puppet('b').ready()
    expect(stage.reports.at(-1)).toMatchObject({ path: 'root/a', decision: 'back_off', delay: 10_000 })
  })

  it('has its child run no longer than it has, for its probation', () => {
    const budget = { intensity: 1, period: 60_000, retryAfter: 300_000 }
    const stage = stageOf({ a: { budget }, b: { startTimeout: 100_000 } })
    stage.puppet('b').ready()
    stage.puppet('a').crash()
    stage.puppet('a').crash()
    stage.clock.advance(301_000)
    stage.puppet('b').crash()
    stage.puppet('a').crash()
    stage.clock.advance(70_000)
    stage.puppet('b').ready()
    expect(stage.states).toEqual({ a: 'crashed', b: 'running' })
  })

  it('is dealt with afterwards if the child has been left alone', () => {
    const stage = stageOf({ a: { startTimeout: 1_000 }, b: {} })
    // Still starting a; b has not started yet.
    expect(stage.states).toEqual({ a: 'starting', b: 'waiting' })
    stage.puppet('a').ready()
    stage.puppet('a').crash()
    expect(stage.states).toEqual({ a: 'starting', b: 'running' })
    stage.puppet('b').crash()
    // The supervisor waits for a, as OTP's would.
    expect(stage.take().at(-1)).toBe('b is gone')
    stage.puppet('a').ready()
    expect(stage.take()).toEqual(['b starts'])
    expect(stage.snapshot.restartsLeft).toBe(3)
  })
})

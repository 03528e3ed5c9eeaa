import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type CallReply,
  type ChildSpec,
  countChildren,
  deleteChild,
  restartChild,
  startChild,
  startInstance,
  type SupervisorOptions,
  terminateChild,
  whichChildren,
} from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

function stageOf(children: Record<string, PuppetOptions>, options: SupervisorOptions = {}): Stage {
  const stage: Stage = new Stage({
    children: Object.entries(children).map(([id, puppetOptions]) => puppet(() => stage, id, puppetOptions)),
    ...options,
  })
  return stage.start()
}

describe('a running supervisor', () => {
  it('adds a child, and answers once it is ready', async () => {
    const stage = stageOf({})
    const answer = startChild(
      stage.supervisor,
      puppet(() => stage, 'camera', { startTimeout: 1_000 }),
    )
    expect(stage.states).toEqual({ camera: 'starting' })
    stage.puppet('camera').ready()
    expect(await answer).toEqual({ ok: true, id: 'camera', ref: whichChildren(stage.supervisor)[0]?.ref })
    expect(whichChildren(stage.supervisor)[0]?.ref?.id).toBe('camera')
  })

  it('refuses one that it has, and keeps none whose start fails', async () => {
    const stage = stageOf({ camera: {}, other: { restart: 'transient' } })
    const again = puppet(() => stage, 'camera')
    expect(await startChild(stage.supervisor, again)).toEqual({ ok: false, error: 'already_started' })
    stage.puppet('other').finish()
    expect(await startChild(stage.supervisor, { ...again, id: 'other' })).toEqual({
      ok: false,
      error: 'already_present',
    })
    const reason = new Error('no lens')
    expect(
      await startChild(
        stage.supervisor,
        puppet(() => stage, 'third', { failures: [reason] }),
      ),
    ).toEqual({
      ok: false,
      error: 'start_failed',
      reason,
    })
    expect(stage.states).toEqual({ camera: 'running', other: 'terminated' })
    expect(
      await startChild(
        stage.supervisor,
        puppet(() => stage, 'a/b'),
      ),
    ).toMatchObject({ ok: false, error: 'bad_spec' })
  })

  it('terminates a child, restarts it as a new incarnation, and deletes it only while it is not running', async () => {
    const stage = stageOf({ camera: {} })
    const { supervisor } = stage
    expect(await deleteChild(supervisor, 'camera')).toEqual({ ok: false, error: 'running' })
    expect(await restartChild(supervisor, 'camera')).toEqual({ ok: false, error: 'running' })
    expect(await terminateChild(supervisor, 'camera')).toEqual({ ok: true, id: 'camera', ref: undefined })
    expect(stage.states).toEqual({ camera: 'terminated' })
    expect(await restartChild(supervisor, 'camera')).toMatchObject({ ok: true, id: 'camera' })
    expect(stage.epochs).toEqual({ camera: 2 })
    await terminateChild(supervisor, 'camera')
    expect(await deleteChild(supervisor, 'camera')).toMatchObject({ ok: true })
    expect(await deleteChild(supervisor, 'camera')).toEqual({ ok: false, error: 'not_found' })
    expect(await restartChild(supervisor, 'camera')).toEqual({ ok: false, error: 'not_found' })
    expect(await terminateChild(supervisor, 'camera')).toEqual({ ok: false, error: 'not_found' })
    expect(stage.states).toEqual({})
  })

  it.each<SupervisorOptions>([{}, { restartsApart: true }, { concurrent: true }])(
    'knows no child without a name, and goes on: %j',
    async (options) => {
      const stage = stageOf({ camera: {} }, options)
      for (const call of [terminateChild, restartChild, deleteChild]) {
        for (const id of [undefined, null, 5])
          expect(await call(stage.supervisor, id as unknown as string)).toEqual({ ok: false, error: 'not_found' })
      }
      expect(stage.states).toEqual({ camera: 'running' })
      expect(stage.snapshot.status).toBe('active')
    },
  )

  it('counts epochs from its floor, for its first children and for those that are added', async () => {
    const stage = stageOf({ camera: {} }, { epochFloor: 7 })
    await startChild(
      stage.supervisor,
      puppet(() => stage, 'other'),
    )
    expect(stage.epochs).toEqual({ camera: 8, other: 8 })
    expect(() => stageOf({}, { epochFloor: -1 })).toThrow('epochFloor is -1; expected a whole number, 0 or more')
  })

  it('goes on counting epochs for a child that is deleted and added anew', async () => {
    const stage = stageOf({ camera: {} })
    await terminateChild(stage.supervisor, 'camera')
    await deleteChild(stage.supervisor, 'camera')
    await startChild(
      stage.supervisor,
      puppet(() => stage, 'camera'),
    )
    expect(stage.epochs).toEqual({ camera: 2 })
  })

  it("goes on counting epochs for a template's child of a name that was used before", async () => {
    const stage: Stage = new Stage({ strategy: 'simple_one_for_one', children: [puppet(() => stage, 'camera')] })
    stage.start()
    for (const epoch of [1, 2, 3]) {
      await startInstance(stage.supervisor, undefined, 'dock-1')
      expect(stage.epochs).toEqual({ 'dock-1': epoch })
      await terminateChild(stage.supervisor, 'dock-1')
    }
  })

  it('answers calls in between the tries of a failing restart', async () => {
    const failures: Error[] = []
    const stage = stageOf({ camera: { failures } }, { intensity: 100 })
    for (let i = 0; i < 3; i++) failures.push(new Error('no'))
    stage.puppet('camera').crash()
    expect(await terminateChild(stage.supervisor, 'camera')).toMatchObject({ ok: true })
    expect(failures).toHaveLength(2)
    stage.clock.advance(0)
    expect(stage.states).toEqual({ camera: 'terminated' })
    expect(stage.clock.pending).toBe(0)
  })

  it('takes only the child whose start failed as restarting, and not the one whose end was the cause', async () => {
    const failures: Error[] = []
    const stage = stageOf({ first: { failures }, last: {} }, { strategy: 'one_for_all', intensity: 2 })
    failures.push(new Error('no'))
    stage.puppet('last').crash()
    expect(stage.states).toEqual({ first: 'restarting', last: 'waiting' })
    expect(await restartChild(stage.supervisor, 'first')).toEqual({ ok: false, error: 'restarting' })
    expect(await deleteChild(stage.supervisor, 'last')).toMatchObject({ ok: true })
    stage.clock.advance(0)
    expect(stage.states).toEqual({ first: 'running' })
  })

  it('restarts one that was stopped for a restart which has been called off', async () => {
    const failures: Error[] = []
    const stage = stageOf({ first: { failures }, last: {} }, { strategy: 'one_for_all' })
    failures.push(new Error('no'))
    stage.puppet('last').crash()
    expect(await terminateChild(stage.supervisor, 'first')).toMatchObject({ ok: true })
    stage.clock.advance(0)
    expect(stage.states).toEqual({ first: 'terminated', last: 'waiting' })
    expect(await restartChild(stage.supervisor, 'last')).toMatchObject({ ok: true })
    expect(stage.states).toEqual({ first: 'terminated', last: 'running' })
  })

  it('starts nothing for a call that waited behind the exit that ends it', async () => {
    const stage = stageOf(
      { significant: { restart: 'transient', significant: true }, slow: { restart: 'transient', startTimeout: 1_000 } },
      { autoShutdown: 'any_significant' },
    )
    stage.puppet('slow').ready()
    stage.puppet('slow').finish()
    const slow = restartChild(stage.supervisor, 'slow')
    stage.puppet('significant').finish()
    const significant = restartChild(stage.supervisor, 'significant')
    stage.take()
    // With it the supervisor has nothing left: it ends before it looks at the call.
    stage.puppet('slow').crash()
    expect(await slow).toMatchObject({ ok: false, error: 'start_failed' })
    expect(await significant).toEqual({ ok: false, error: 'shutting_down' })
    expect(stage.take()).toEqual(['slow is gone'])
    expect(stage.snapshot.output?.ended).toBe('auto_shutdown')
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('refuses all calls once it is stopping, and after it has ended', async () => {
    const stage = stageOf({ camera: { onDrain: 'drains when told' } })
    stage.supervisor.send({ type: 'drain' })
    const refusal = { ok: false, error: 'shutting_down' }
    expect(await terminateChild(stage.supervisor, 'camera')).toEqual(refusal)
    stage.puppet('camera').finish()
    expect(
      await startChild(
        stage.supervisor,
        puppet(() => stage, 'camera'),
      ),
    ).toEqual(refusal)
  })

  it('counts its children', async () => {
    const stage = stageOf({ a: {}, b: { type: 'supervisor' }, c: { restart: 'transient' } })
    stage.puppet('c').finish()
    expect(countChildren(stage.supervisor)).toEqual({ specs: 3, active: 2, supervisors: 1, workers: 2 })
  })

  it('counts them for whoever asks by an event, while a child starts as well', () => {
    const stage = stageOf({ a: { startTimeout: 1_000 }, b: {} })
    const replies: CallReply[] = []
    const reply = (answer: CallReply) => void replies.push(answer)
    stage.supervisor.send({ type: 'supervisor.count_children', reply })
    const counts = { specs: 2, active: 1, supervisors: 0, workers: 2 }
    expect(replies).toEqual([{ ok: true, id: '', ref: undefined, counts }])
    stage.supervisor.stop()
    expect(replies, 'it is answered once').toHaveLength(1)
  })

  it('takes calls of which nobody wants the answer', () => {
    const queued: (() => void)[] = []
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => void queued.push(callback))
    onTestFinished(() => void vi.restoreAllMocks())
    const stage = stageOf({ a: {} })
    stage.supervisor.send({ type: 'supervisor.start_child', spec: puppet(() => stage, 'not/an/id') })
    stage.supervisor.send({ type: 'supervisor.terminate_child', id: 'a' })
    expect(stage.states).toEqual({ a: 'terminated' })
    expect(queued).toEqual([])
  })

  it('answers those that wait when it is stopped from outside', async () => {
    const stage = stageOf({ a: { onDrain: 'never drains' }, b: {} })
    const answers = [terminateChild(stage.supervisor, 'a'), restartChild(stage.supervisor, 'b')]
    stage.supervisor.stop()
    const refused = { ok: false, error: 'shutting_down' }
    expect(await Promise.all(answers)).toEqual([refused, refused])
  })

  it('counts against maxChildren what it began with, also while that is restarting or terminated', async () => {
    const backoff = { initial: 1_000, factor: 1, max: 1_000, resetAfter: 1_000 }
    const stage = stageOf({ a: { backoff }, b: {} }, { maxChildren: 2 })
    const start = () =>
      startChild(
        stage.supervisor,
        puppet(() => stage, 'c'),
      )
    const refused = { ok: false, error: 'max_children' }
    expect(await start()).toEqual(refused)
    stage.puppet('a').crash()
    expect(stage.states['a']).not.toBe('running')
    expect(await start()).toEqual(refused)
    await terminateChild(stage.supervisor, 'b')
    expect(await start()).toEqual(refused)
    await deleteChild(stage.supervisor, 'b')
    expect(await start()).toMatchObject({ ok: true, id: 'c' })
  })

  it('takes a child that has nothing to start as started, as OTP does with ignore', async () => {
    const stage = stageOf({ log: {} })
    expect(await startChild(stage.supervisor, { id: 'none', start: () => undefined })).toEqual({
      ok: true,
      id: 'none',
      ref: undefined,
    })
    expect(stage.states).toEqual({ log: 'running', none: 'terminated' })
  })
})

describe('a supervisor of instances of one template', () => {
  const template = (stage: () => Stage): ChildSpec[] => [
    {
      id: 'probe',
      restart: 'transient',
      start: (incarnation, args) => {
        const { start } = puppet(stage, incarnation.id)
        stage().log.push(`with ${String(args)}`)
        return start(incarnation, args)
      },
    },
  ]
  const build = (options: SupervisorOptions = {}) => {
    const stage: Stage = new Stage({ strategy: 'simple_one_for_one', children: template(() => stage), ...options })
    return stage.start()
  }

  it('starts with none; each has its own arguments, and a name of its own or one that it is given', async () => {
    const stage = build()
    expect(stage.states).toEqual({})
    expect(await startInstance(stage.supervisor, 'left')).toMatchObject({ ok: true, id: 'probe.2' })
    expect(await startInstance(stage.supervisor, 'right', 'mine')).toMatchObject({ ok: true, id: 'mine' })
    expect(stage.take()).toEqual(['with left', 'probe.2 starts', 'with right', 'mine starts'])
    stage.puppet('mine').crash()
    expect(stage.take()).toEqual(['mine is gone', 'with right', 'mine starts'])
    expect(countChildren(stage.supervisor)).toEqual({ specs: 1, active: 2, supervisors: 0, workers: 2 })
  })

  it('gives one that it is to name a name that no other has', async () => {
    const stage = build()
    await startInstance(stage.supervisor, undefined, 'probe.2')
    await startInstance(stage.supervisor, undefined, 'probe.4')
    expect(await startInstance(stage.supervisor)).toMatchObject({ ok: true, id: 'probe.5' })
  })

  it('forgets one that ends or is terminated', async () => {
    const stage = build()
    await startInstance(stage.supervisor, undefined, 'a')
    await startInstance(stage.supervisor, undefined, 'b')
    stage.puppet('a').finish()
    expect(await terminateChild(stage.supervisor, 'b')).toMatchObject({ ok: true })
    expect(stage.states).toEqual({})
  })

  it('knows neither restart_child nor delete_child, nor the template as a child', async () => {
    const stage = build()
    await startInstance(stage.supervisor, undefined, 'a')
    const refusal = { ok: false, error: 'simple_one_for_one' }
    expect(await restartChild(stage.supervisor, 'a')).toEqual(refusal)
    expect(await deleteChild(stage.supervisor, 'a')).toEqual(refusal)
    expect(await terminateChild(stage.supervisor, 'probe')).toEqual(refusal)
  })

  it('refuses more than maxChildren', async () => {
    const stage = build({ maxChildren: 1 })
    await startInstance(stage.supervisor)
    expect(await startInstance(stage.supervisor)).toEqual({ ok: false, error: 'max_children' })
  })

  it('gives back the place of one that has nothing to start, or fails to', async () => {
    const reason = new Error('no lens')
    const starts = [
      () => undefined,
      () => {
        throw reason
      },
    ]
    const stage: Stage = new Stage({
      strategy: 'simple_one_for_one',
      maxChildren: 1,
      children: [
        {
          id: 'probe',
          start: (incarnation, args) =>
            (starts.shift() ?? puppet(() => stage, incarnation.id).start)(incarnation, args),
        },
      ],
    })
    stage.start()
    expect(await startInstance(stage.supervisor)).toMatchObject({ ok: true, ref: undefined })
    expect(await startInstance(stage.supervisor)).toEqual({ ok: false, error: 'start_failed', reason })
    expect(await startInstance(stage.supervisor)).toMatchObject({ ok: true })
    expect(await startInstance(stage.supervisor)).toEqual({ ok: false, error: 'max_children' })
  })

  it('stops all of them at once', async () => {
    const stage = build()
    for (const id of ['a', 'b', 'c']) await startInstance(stage.supervisor, undefined, id)
    stage.take()
    stage.supervisor.send({ type: 'drain' })
    expect(stage.take().filter((line) => line.endsWith('drain'))).toHaveLength(3)
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

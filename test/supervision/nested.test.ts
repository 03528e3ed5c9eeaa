import { describe, expect, it } from 'vitest'
import { type AnyActorRef, createMachine, setup } from 'xstate'
import {
  type ChildSpec,
  createSupervisor,
  type Incarnation,
  run,
  type SupervisorOptions,
} from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

/** root over `log` and a supervisor `group` over the children given. */
function stageOf(
  children: Record<string, PuppetOptions>,
  group: SupervisorOptions = {},
  slot: Partial<ChildSpec> = {},
  root: SupervisorOptions = {},
): Stage {
  const stage: Stage = new Stage({
    children: [
      puppet(() => stage, 'log'),
      {
        id: 'group',
        type: 'supervisor',
        start: () => {
          const specs = Object.entries(children).map(([id, options]) => puppet(() => stage, id, options))
          return run(createSupervisor({ children: specs, ...group }))
        },
        ...slot,
      },
      puppet(() => stage, 'last'),
    ],
    ...root,
  })
  return stage.start()
}

function groupOf(stage: Stage): AnyActorRef {
  const ref = stage.snapshot.children.find(({ id }) => id === 'group')?.ref
  if (ref === undefined) throw new Error('The group is not up')
  return ref
}

/** As a bug of the supervisor itself would. */
function crash(stage: Stage): void {
  const event = { type: 'supervisor.start_child', get spec(): never { throw new Error('a bug') } } as const // prettier-ignore
  groupOf(stage).send(event)
}

describe('a supervisor below a supervisor', () => {
  it('has started when all of its children have', () => {
    const stage = stageOf({ a: { startTimeout: 1_000 }, b: {} })
    expect(stage.take()).toEqual(['log starts', 'a starts'])
    expect(stage.states).toEqual({ log: 'running', group: 'starting', last: 'waiting' })
    stage.puppet('a').ready()
    expect(stage.take()).toEqual(['b starts', 'last starts'])
    expect(stage.states).toEqual({ log: 'running', group: 'running', last: 'running' })
  })

  it('has started at once when its children run side by side', () => {
    const stage = stageOf({ a: { startTimeout: 1_000 }, b: {} }, { concurrent: true })
    expect(stage.take()).toEqual(['log starts', 'a starts', 'b starts', 'last starts'])
  })

  it('fails the start above when one of its children cannot start', () => {
    const error = new Error('no lens')
    const stage = stageOf({ a: {}, b: { failures: [error] } })
    expect(stage.take()).toEqual([
      'log starts',
      'a starts',
      'b fails to start',
      'a hears drain',
      'a is gone',
      'log hears drain',
      'log is gone',
    ])
    expect(stage.snapshot.output).toMatchObject({ ended: 'start_failed', error })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is ended by its start timeout, with all that had started in it', () => {
    const stage = stageOf({ a: {}, b: { startTimeout: 'infinity' } }, {}, { startTimeout: 2_000 })
    stage.take()
    stage.clock.advance(2_000)
    expect(stage.snapshot.output?.ended).toBe('start_failed')
    expect(stage.snapshot.output?.error).toMatchObject({ code: 'supervision.start_timeout', childId: 'group' })
    expect(stage.take().filter((line) => line.endsWith('gone'))).toEqual(['b is gone', 'a is gone', 'log is gone'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('escalates a spent budget as an exit with shutdown, which costs the one above a restart', () => {
    const stage = stageOf({ a: {}, b: {} }, { intensity: 0 }, {}, { intensity: 1 })
    stage.take()
    stage.puppet('a').crash()
    expect(stage.take()).toEqual(['a is gone', 'b hears drain', 'b is gone', 'a starts', 'b starts'])
    expect(stage.epochs).toEqual({ log: 1, group: 2, last: 1 })
    expect(stage.snapshot.restartsLeft).toBe(0)
    expect(stage.reports.find(({ path, decision }) => path === 'root/group' && decision === 'restart')?.cause).toEqual({
      type: 'exit',
      of: 'group',
      reason: { type: 'shutdown', detail: 'shutdown' },
    })
  })

  it('is not restarted after that where it is transient, as OTP has it', () => {
    const stage = stageOf({ a: {} }, { intensity: 0 }, { restart: 'transient' })
    stage.puppet('a').crash()
    expect(stage.states).toEqual({ log: 'running', group: 'terminated', last: 'running' })
  })

  it('ends with the last of its significant children, and that is no crash above', () => {
    const significant = { significant: true, restart: 'transient' } as const
    const stage = stageOf(
      { a: significant, b: significant, c: {} },
      { autoShutdown: 'all_significant' },
      { restart: 'temporary' },
    )
    stage.take()
    stage.puppet('a').finish()
    expect(stage.take()).toEqual(['a is gone'])
    stage.puppet('b').finish()
    expect(stage.take()).toEqual(['b is gone', 'c hears drain', 'c is gone'])
    expect(stage.states).toEqual({ log: 'running', last: 'running' })
  })

  it('reports to the same stream under its own path', () => {
    const stage = stageOf({ a: {} })
    stage.puppet('a').crash()
    expect(stage.reports.at(-3)).toMatchObject({ path: 'root/group/a', epoch: 1, decision: 'restart', restartsLeft: 0 })
    expect(stage.puppet('a').incarnation.path).toBe('root/group/a')
  })

  it.each([
    { how: 'fails by a bug', end: crash },
    { how: 'is stopped by somebody else', end: (stage: Stage) => stage.actors.stop(groupOf(stage)) },
  ])('says of each child that was up or to be started again that it leaves it, where it $how', async ({ end }) => {
    const backoff = { initial: 1_000, factor: 1, max: 1_000, resetAfter: 60_000 }
    const stage = stageOf({ a: {}, b: { backoff }, c: {} }, { concurrent: true, random: () => 1 })
    stage.puppet('b').crash()
    groupOf(stage).send({ type: 'supervisor.terminate_child', id: 'c' })
    await stage.clock.advanceAsync(500)
    const { length } = stage.reports
    end(stage)
    const told = stage.reports.slice(length)
    expect(
      told.slice(0, 3).map(({ path, epoch, decision, cause, at }) => [path, epoch, decision, cause.type, at]),
    ).toEqual([
      ['root/group/a', 1, 'leave', 'cut_off', 500],
      ['root/group/b', 1, 'leave', 'cut_off', 500],
      ['root/group', 1, 'restart', 'exit', 500],
    ])
    expect(told.slice(0, 2).map(({ reason }) => reason)).toEqual([
      'a is ended at once: its supervisor is gone',
      'b is not started again: its supervisor is gone',
    ])
  })

  it('says so of all below it, where the root is stopped by somebody else, and of nobody twice', () => {
    const stage = stageOf({ a: {} })
    const { length } = stage.reports
    stage.supervisor.stop()
    expect(stage.decisions.slice(length)).toEqual(['a: leave', 'log: leave', 'group: leave', 'last: leave'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('stops within the time that is left above, keeping a little for itself', () => {
    const stage = stageOf({ a: { onDrain: 'never drains', shutdown: 60_000 } }, {}, { shutdown: 10_000 })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(9_499)
    expect(stage.states).toMatchObject({ group: 'stopping' })
    stage.clock.advance(1)
    expect(stage.snapshot.output).toMatchObject({
      ended: 'asked',
      drained: false,
      children: [
        { id: 'log', result: 'drained' },
        { id: 'group', result: 'drained', output: { drained: false, children: [{ id: 'a', result: 'cut_off' }] } },
        { id: 'last', result: 'drained' },
      ],
    })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('is hurried along with the one above', () => {
    const stage = stageOf({ a: { onDrain: 'never drains', shutdown: 60_000 } }, {}, { shutdown: 60_000 })
    stage.supervisor.send({ type: 'drain' })
    stage.clock.advance(10_000)
    stage.supervisor.send({ type: 'stop.hurry', within: 6_500 })
    // Of its 6,000 ms it keeps half a second for itself: it cuts off what is below it, and is not cut off in its turn.
    stage.clock.advance(5_499)
    expect(stage.snapshot.status).toBe('active')
    stage.clock.advance(1)
    expect(stage.snapshot.output?.children[1]).toMatchObject({
      ...{ id: 'group', result: 'drained' },
      output: { children: [{ id: 'a', result: 'cut_off' }] },
    })
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('waits for the disposers of its children even when it is itself cut off', async () => {
    const stage = stageOf({ a: { onDrain: 'never drains' } }, {}, { shutdown: 'brutal_kill' })
    let disposed = false
    stage.puppet('a').incarnation.defer(
      () =>
        new Promise((resolve) =>
          stage.clock.setTimeout(() => {
            disposed = true
            resolve()
          }, 200),
        ),
    )
    stage.supervisor.send({ type: 'drain' })
    await stage.clock.advanceAsync(199)
    expect(stage.states).toMatchObject({ group: 'stopping', log: 'running' })
    expect(
      stage.reports.filter(({ path, decision }) => path === 'root/group' && decision === 'shut_down'),
    ).toMatchObject([
      { cause: { type: 'cut_off' } },
      { cause: { type: 'cut_off' }, reason: 'cut off from above: 0 ms are left' },
    ])
    await stage.clock.advanceAsync(1)
    expect(disposed).toBe(true)
    expect(stage.snapshot.output?.children.map(({ result }) => result)).toEqual(['drained', 'cut_off', 'drained'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it.each([
    { how: 'crashes', end: crash },
    { how: 'is stopped by somebody else', end: (stage: Stage) => stage.actors.stop(groupOf(stage)) },
  ])(
    'begins its next life only when the disposers of the last one’s children have run, where it $how',
    async ({ end }) => {
      const stage = stageOf({ a: {}, b: {} })
      for (const [id, time] of [
        ['a', 200],
        ['b', 100],
      ] as const)
        // prettier-ignore
        stage.puppet(id).incarnation.defer(() => new Promise((resolve) => stage.clock.setTimeout(resolve, time)))
      stage.take()
      end(stage)
      expect(stage.take()).toEqual(['a is gone', 'b is gone'])
      await stage.clock.advanceAsync(199)
      expect(stage.take()).toEqual([])
      await stage.clock.advanceAsync(1)
      expect(stage.take()).toEqual(['a starts', 'b starts'])
      expect(stage.epochs).toMatchObject({ group: 2, log: 1 })
      stage.supervisor.send({ type: 'drain' })
      expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
    },
  )

  it.each([
    { how: 'crashes', end: (ref: AnyActorRef) => ref.send({ type: 'crash' }) },
    { how: 'is done', end: (ref: AnyActorRef) => ref.send({ type: 'finish' }) },
    { how: 'is stopped by somebody else', end: (ref: AnyActorRef, stage: Stage) => stage.actors.stop(ref) },
  ])('has its children’s disposers waited for by the machine above it, where that $how', async ({ end }) => {
    const stage: Stage = new Stage({ children: [{ id: 'plant', start: () => run(plant) }] })
    const prepare = (life: Incarnation): void =>
      life.defer(() => new Promise((resolve) => stage.clock.setTimeout(resolve, 500)))
    const plant = setup({
      actors: { group: createSupervisor({ children: [puppet(() => stage, 'a', { prepare })] }) },
      actions: {
        crash: () => {
          throw new Error('boom')
        },
      },
    }).createMachine({
      invoke: { src: 'group' },
      initial: 'working',
      on: { crash: { actions: 'crash' }, finish: '.ended' },
      states: { working: {}, ended: { type: 'final' } },
    })
    stage.start()
    stage.take()
    end(stage.snapshot.children[0]?.ref as AnyActorRef, stage)
    await stage.clock.advanceAsync(499)
    expect(stage.take()).toEqual(['a is gone'])
    await stage.clock.advanceAsync(1)
    expect(stage.take()).toEqual(['a starts'])
    expect(stage.epochs).toEqual({ plant: 2 })
    stage.supervisor.stop()
    await stage.clock.advanceAsync(500)
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('does not keep the machine above it waiting for what has been let go long ago', async () => {
    const group = createSupervisor({ children: [{ id: 'a', start: () => run(createMachine({})) }] })
    const plant = createMachine({
      initial: 'grouped',
      states: { grouped: { invoke: { src: group }, on: { leave: 'alone' } }, alone: {} },
    })
    const stage: Stage = new Stage({ children: [{ id: 'plant', shutdown: 'brutal_kill', start: () => run(plant) }] })
    stage.start()
    stage.snapshot.children[0]?.ref?.send({ type: 'leave' })
    stage.supervisor.send({ type: 'drain' })
    expect(stage.snapshot.status).toBe('done')
  })

  it('begins its next life at once where one of the last one’s children had started nothing', () => {
    const stage: Stage = new Stage({
      children: [
        { id: 'group', start: () => run(createSupervisor({ children: [{ id: 'idle', start: () => undefined }] })) },
      ],
    })
    stage.start()
    crash(stage)
    expect(stage.epochs).toEqual({ group: 2 })
    expect(stage.states).toEqual({ group: 'running' })
  })

  it('has the clock, the chance and the stream of the one above, also with a machine in between', () => {
    const backoff = { initial: 1_000, factor: 2, max: 60_000, resetAfter: 60_000 }
    const stage: Stage = new Stage({
      random: () => 0.25,
      children: [{ id: 'plant', start: () => run(createMachine({ invoke: { id: 'group', src: group } })) }],
    })
    const group = createSupervisor({ backoff, children: [puppet(() => stage, 'a')] })
    stage.start()
    stage.puppet('a').crash()
    expect(stage.reports.at(-1)).toMatchObject({ path: 'root/plant/group/a', decision: 'back_off', delay: 250 })
    stage.clock.advance(250)
    expect(stage.take()).toEqual(['a starts', 'a is gone', 'a starts'])
  })

  it('takes everything below it along when its root is stopped from outside', () => {
    const stage = stageOf({ a: { startTimeout: 1_000 } })
    const { signal } = stage.puppet('a').incarnation
    stage.supervisor.stop()
    expect(stage.take()).toEqual(['log starts', 'a starts', 'log is gone', 'a is gone'])
    expect(signal.aborted).toBe(true)
    expect(stage.snapshot.status).toBe('stopped')
    expect(stage.snapshot.children.map(({ ref }) => ref)).toEqual([undefined, undefined, undefined])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('starts nothing more when its root is stopped while one of its children is being started', () => {
    const prepare = ({ epoch }: Incarnation) => void (epoch === 2 && stop())
    const stage = stageOf({ a: { prepare }, b: {} }, { concurrent: true })
    const stop = () => stage.supervisor.stop()
    stage.take()
    stage.puppet('a').crash()
    expect(stage.take()).toEqual(['a is gone', 'a starts', 'log is gone', 'b is gone', 'last is gone'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })

  it('carries out no more of a step in which its root is stopped', () => {
    const stage = stageOf({ a: { prepare: ({ epoch }) => void (epoch === 2 && stop()) }, b: {} }, { concurrent: true })
    const stop = () => stage.supervisor.stop()
    stage.take()
    // Both ends are dealt with in one step: the group is busy with the first event while they come.
    groupOf(stage).send({
      type: 'supervisor.count_children',
      reply: () => ['a', 'b'].forEach((id) => stage.puppet(id).crash()),
    })
    expect(stage.take()).toEqual(['a is gone', 'b is gone', 'a starts', 'log is gone', 'last is gone'])
    expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  })
})

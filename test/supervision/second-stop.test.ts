import { describe, expect, it } from 'vitest'
import { type AnyActorRef, createMachine } from 'xstate'
import { type ChildSpec, createSupervisor, type Incarnation, run } from '../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from './harness.ts'

const stopBudget = { total: 120_000, afterSecondStop: 5_000 }
/** What never lets go, and is given so long. */
const holds =
  (time: number) =>
  (incarnation: Incarnation): void =>
    incarnation.defer(() => new Promise<void>(() => {}), time)

function stageOf(children: Record<string, PuppetOptions>): Stage {
  const stage: Stage = new Stage({
    ...{ intensity: 5, period: 60_000, stopBudget },
    children: Object.entries(children).map(([id, options]) => puppet(() => stage, id, options)),
  })
  return stage.start()
}

const stopTwice = (stage: Stage, between: number): void => {
  stage.supervisor.send({ type: 'drain' })
  stage.clock.advance(between)
  stage.supervisor.send({ type: 'stop.hurry' })
}

/** How long it still takes until the end. */
async function restOf(stage: Stage): Promise<number> {
  const began = stage.clock.monotonic()
  while (stage.snapshot.status === 'active' && stage.clock.pending > 0)
    await stage.clock.advanceAsync((stage.clock.nextDue ?? 0) - stage.clock.monotonic())
  expect(stage.snapshot.status).toBe('done')
  expect(stage.leftovers).toEqual({ actors: 0, timers: 0 })
  return stage.clock.monotonic() - began
}

const givenUp = (stage: Stage) =>
  stage.reports.flatMap(({ path, at, cause }) =>
    cause.type === 'fault' ? [`${at} ${path}: ${String(cause.error)}`] : [],
  )

describe('a second stop', () => {
  it('leaves its time for the disposer that is waited for, too', async () => {
    const stage = stageOf({ log: {}, manifest: { prepare: holds(60_000) } })
    stopTwice(stage, 1_000)
    expect(await restOf(stage)).toBe(5_000)
    expect(givenUp(stage)).toEqual([
      '6000 root/manifest: DisposerTimeoutError: a disposer of root/manifest did not finish within 6000 ms; what it was to let go may still be held',
    ])
  })

  it('leaves it for all disposers that follow, and for those who drain', async () => {
    const slow: PuppetOptions = { onDrain: 'never drains', shutdown: 10_000, prepare: holds(4_000) }
    const stage = stageOf({ log: slow, manifest: slow, camera: slow })
    stopTwice(stage, 0)
    expect(await restOf(stage)).toBe(5_000)
  })

  it('takes nothing from a disposer whose own time is over sooner', async () => {
    const stage = stageOf({ manifest: { prepare: holds(3_000) } })
    stopTwice(stage, 1_000)
    expect(await restOf(stage)).toBe(2_000)
  })

  it('ends one that is waited for without end', async () => {
    const stage = stageOf({ manifest: { prepare: holds(Infinity) } })
    stopTwice(stage, 86_400_000)
    expect(await restOf(stage)).toBe(5_000)
  })

  it('is not made longer by a third', async () => {
    const stage = stageOf({ manifest: { prepare: holds(60_000) } })
    stopTwice(stage, 0)
    stage.clock.advance(4_000)
    stage.supervisor.send({ type: 'stop.hurry' })
    expect(await restOf(stage)).toBe(1_000)
  })

  it('may come as a second drain, with its time', async () => {
    const stage = stageOf({ manifest: { prepare: holds(60_000) } })
    stage.supervisor.send({ type: 'drain' })
    stage.supervisor.send({ type: 'drain', within: 2_000 })
    expect(stage.reports.at(-1)).toMatchObject({ cause: { type: 'second_stop' }, decision: 'shut_down' })
    expect(await restOf(stage)).toBe(2_000)
  })

  it('is none where nobody has asked before: disposers keep their time', async () => {
    const stage: Stage = new Stage({
      ...{ intensity: 0, stopBudget },
      children: [puppet(() => stage, 'manifest', { prepare: holds(9_000) }), puppet(() => stage, 'camera')],
    })
    stage.start()
    stage.puppet('camera').crash()
    stage.supervisor.send({ type: 'drain', within: 2_000 })
    expect(await restOf(stage)).toBe(9_000)
  })
})

describe('a second stop, for what a child of a supervisor below holds', () => {
  const group = (stage: () => Stage, options: PuppetOptions) =>
    createSupervisor({ intensity: 5, children: [puppet(stage, 'a', options)] })
  const stageWith = (spec: (stage: () => Stage) => Omit<ChildSpec, 'id'>): Stage => {
    const stage: Stage = new Stage({
      ...{ intensity: 5, period: 60_000, stopBudget },
      children: [{ id: 'group', ...spec(() => stage) }, puppet(() => stage, 'last', { onDrain: 'drains when told' })],
    })
    return stage.start()
  }
  const groupOf = (stage: Stage): AnyActorRef => {
    const ref = stage.snapshot.children[0]?.ref
    if (ref === undefined) throw new Error('The group is not up')
    return ref
  }
  const crashGroup = (stage: Stage): void => {
    const event = { type: 'supervisor.start_child', get spec(): never { throw new Error('a bug') } } as const // prettier-ignore
    groupOf(stage).send(event)
  }

  it.each([
    { when: 'that drains', group: {}, child: {} },
    { when: 'that is cut off at once', group: { shutdown: 'brutal_kill' as const }, child: {} },
    { when: 'that has been cut off before', group: { shutdown: 1_000 }, child: { onDrain: 'never drains' as const } },
  ])('leaves no more than its time in one $when', async ({ group: rules, child }) => {
    const start = (stage: () => Stage) => () => run(group(stage, { ...child, prepare: holds(60_000) }))
    const stage = stageWith((on) => ({ ...rules, start: start(on) }))
    stage.supervisor.send({ type: 'drain' })
    stage.puppet('last').finish()
    stage.clock.advance(2_000)
    stage.supervisor.send({ type: 'stop.hurry' })
    expect(await restOf(stage)).toBe(5_000)
  })

  it('leaves no more than its time in one that has crashed', async () => {
    const stage = stageWith((on) => ({ start: () => run(group(on, { prepare: holds(60_000) })) }))
    crashGroup(stage)
    stopTwice(stage, 1_000)
    stage.puppet('last').finish()
    expect(await restOf(stage)).toBe(5_000)
  })

  it('leaves no more than its time in one that is not asked to drain yet, and then is', async () => {
    const stage = stageWith((on) => ({ start: () => run(group(on, { prepare: holds(60_000) })) }))
    stage.puppet('a').crash()
    stopTwice(stage, 1_000)
    stage.clock.advance(1_000)
    stage.puppet('last').finish()
    expect(await restOf(stage)).toBe(4_000)
  })

  it('leaves no more than its time in one that begins only then', async () => {
    let lives = 0
    const prepare = (incarnation: Incarnation) => void (++lives === 2 && holds(60_000)(incarnation))
    const inner = (on: () => Stage) => () => run(group(on, { prepare }))
    const stage = stageWith((on) => ({
      start: () => run(createSupervisor({ intensity: 5, children: [{ id: 'inner', start: inner(on) }] })),
    }))
    stopTwice(stage, 0)
    // It is restarted as long as its supervisor has not been asked to drain.
    stage.actors.stop((groupOf(stage).getSnapshot() as Stage['snapshot']).children[0]?.ref as AnyActorRef)
    expect(lives).toBe(2)
    stage.clock.advance(4_000)
    stage.puppet('last').finish()
    expect(await restOf(stage)).toBe(1_000)
  })

  it('leaves no more than its time below a machine', async () => {
    const machine = (on: () => Stage) =>
      createMachine({
        invoke: { src: group(on, { prepare: holds(60_000) }) },
        initial: 'working',
        on: { drain: '.ended' },
        states: { working: {}, ended: { type: 'final' } },
      })
    const stage = stageWith((on) => ({ start: () => run(machine(on)) }))
    stage.supervisor.send({ type: 'drain' })
    stage.puppet('last').finish()
    stage.clock.advance(1_000)
    expect(stage.states).toMatchObject({ group: 'stopping' })
    stage.supervisor.send({ type: 'stop.hurry' })
    expect(await restOf(stage)).toBe(5_000)
  })

  it('leaves it all the time that the whole has, and not only the share of its group', async () => {
    const child: PuppetOptions = { onDrain: 'never drains', prepare: holds(2_000) }
    const stage = stageWith((on) => ({ shutdown: 5_000, start: () => run(group(on, child)) }))
    stage.supervisor.send({ type: 'drain' })
    stage.puppet('last').finish()
    stage.supervisor.send({ type: 'stop.hurry', within: 1_000 })
    // 1,000 ms less the tenth that the group keeps for itself: then its child is cut off, and has the tenth to let go.
    await stage.clock.advanceAsync(999)
    expect(stage.snapshot.status).toBe('active')
    await stage.clock.advanceAsync(1)
    expect(stage.snapshot.status).toBe('done')
    expect(givenUp(stage)).toEqual([expect.stringContaining('did not finish within 100 ms')])
  })
})

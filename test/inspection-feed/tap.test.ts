import { describe, expect, it } from 'vitest'
import { assign, createActor, fromPromise, setup } from 'xstate'
import { epochMs, minutes } from '../../src/domain/units.ts'
import type { ActorView } from '../../src/inspection-feed/protocol.ts'
import type { FeedRecord, SupervisorDecided } from '../../src/inspection-feed/record.ts'
import { createRecorder, type RecordSink } from '../../src/inspection-feed/recorder.ts'
import { createTap } from '../../src/inspection-feed/tap.ts'
import {
  type ChildSpec,
  createSupervisor,
  run,
  type SupervisorOptions,
  terminateChild,
} from '../../src/supervision/index.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'
import { startedAt } from './sample-state.ts'

const at = (ms: number) => epochMs(startedAt + ms)

type CameraEvent = { type: 'lost'; why: string } | { type: 'again' | 'drain' | 'end' | 'bug' | 'nothing' }

const cameraMachine = setup({
  types: {} as { context: { why: string; epoch?: number; secret: string }; events: CameraEvent },
  actors: { work: fromPromise(() => new Promise<void>(() => {})) },
  actions: {
    throwUp: () => {
      throw new TypeError('a bug')
    },
  },
}).createMachine({
  id: 'camera',
  context: { why: 'pictures arrive', secret: 'hunter2' },
  initial: 'online',
  on: { drain: '.stopped', end: '.stopped', bug: { actions: 'throwUp' }, nothing: {} },
  states: {
    online: {
      description: 'Has a connection.',
      initial: 'streaming',
      invoke: { id: 'stream', src: 'work' },
      states: { streaming: { description: 'Pictures arrive.', tags: 'ready' } },
      on: { lost: { target: 'backingOff', actions: assign({ why: ({ event }) => event.why }) } },
    },
    backingOff: {
      description: 'Waits.',
      on: { again: { target: 'online', actions: assign({ why: 'pictures arrive again' }) } },
    },
    stopped: { type: 'final', description: 'Ended.' },
  },
})

const camera = (id: string, rules: Partial<ChildSpec> = {}): ChildSpec => ({
  id,
  start: () => run(cameraMachine),
  ...rules,
})

async function startTree(options: SupervisorOptions) {
  const clock = new VirtualClock()
  const faults: unknown[] = []
  const decided: SupervisorDecided[] = []
  const onRecord: RecordSink = (_, body) => void (body.type === 'supervisor.decided' && decided.push(body))
  const tap = createTap({ clock, onFault: (error) => faults.push(error), onRecord })
  const logic = createSupervisor({ clock, random: () => 0.5, onReport: tap.supervisorReport, ...options })
  const root = createActor(logic, { id: 'root', clock, inspect: tap.inspect })
  root.start()
  await settle()
  const child = (path: string) => {
    let ref = root as { getSnapshot(): unknown; send(event: never): void }
    for (const id of path.split('/').slice(1)) {
      const { children } = ref.getSnapshot() as { children: readonly { id: string; ref: typeof ref }[] }
      const found = children.find((each) => each.id === id)
      if (found === undefined) throw new Error(`no ${id} in ${path}`)
      ref = found.ref
    }
    return { send: (event: CameraEvent) => ref.send(event as never), ref }
  }
  const view = (path: string): ActorView => {
    const found = tap.actors().find((actor) => actor.path === path)
    if (found === undefined) throw new Error(`${path} is not shown`)
    return found
  }
  return {
    clock,
    tap,
    root,
    child,
    view,
    faults,
    decided,
    outline: () => tap.actors().map(({ path, state }) => `${path} ${state}`),
  }
}

const cameras = (...children: ChildSpec[]): ChildSpec => ({
  id: 'cameras',
  start: () => run(createSupervisor({ concurrent: true, children })),
})

describe('a tree of supervisors and machines', () => {
  it('is shown depth first in start order, without the promises that machines invoke', async () => {
    const { outline } = await startTree({
      children: [camera('writer'), cameras(camera('10'), camera('2')), camera('last')],
    })
    expect(outline()).toEqual([
      'root running',
      'root/writer streaming',
      'root/cameras running',
      'root/cameras/10 streaming',
      'root/cameras/2 streaming',
      'root/last streaming',
    ])
  })

  it('shows of a machine its state, the words for it, since when, why and its epoch, and nothing else of its context', async () => {
    const { view, tap } = await startTree({ children: [camera('writer')], intensity: 3 })
    expect(view('root/writer')).toEqual({
      path: 'root/writer',
      kind: 'machine',
      state: 'streaming',
      description: 'Pictures arrive.',
      since: at(0),
      why: 'pictures arrive',
      nextTryAt: null,
      epoch: 1,
      restartsLeft: 3,
      restarts: 0,
      reconnects: 0,
      mailbox: { waiting: 0, most: 1 },
      lastDecision: expect.stringMatching(/^carry on: /) as string,
      before: [],
    })
    expect(JSON.stringify(tap.actors())).not.toContain('hunter2')
  })

  it('shows of each actor how often it was restarted and has reconnected, as they are counted', async () => {
    const clock = new VirtualClock()
    const counts = { entered: new Map(), decided: new Map(), restarted: 0, retried: 0 }
    const tally = { of: (path: string) => (path === 'root/a' ? { ...counts, restarted: 2, retried: 7 } : counts) }
    const tap = createTap({ clock, onFault: (fault) => expect(fault).toBeUndefined(), tally })
    const logic = createSupervisor({
      clock,
      random: () => 0.5,
      onReport: tap.supervisorReport,
      children: [camera('a')],
    })
    createActor(logic, { id: 'root', clock, inspect: tap.inspect }).start()
    await settle()
    expect(tap.actors().map(({ path, restarts, reconnects }) => [path, restarts, reconnects])).toEqual([
      ['root', 0, 0],
      ['root/a', 2, 7],
    ])
  })

  it('shows of a supervisor its phase and its own restarts left', async () => {
    const { view } = await startTree({ children: [cameras(camera('a'))], intensity: 4 })
    expect(view('root')).toMatchObject({ kind: 'supervisor', state: 'running', restartsLeft: 4, why: null })
    expect(view('root/cameras')).toMatchObject({ kind: 'supervisor', state: 'running', restartsLeft: 1, epoch: 1 })
  })

  it('shows the restarts left as time gives them back, though nothing else happens', async () => {
    const budget = { intensity: 5, period: minutes(1) }
    const { clock, view, child } = await startTree({ ...budget, children: [camera('a')] })
    child('root/a').send({ type: 'bug' })
    await settle()
    const left = () => ['root', 'root/a'].map((path) => view(path).restartsLeft)
    expect(left()).toEqual([4, 4])
    clock.advance(minutes(1))
    expect(left()).toEqual([4, 4])
    // What was read of the tree holds for a second.
    clock.advance(1_000)
    expect(left()).toEqual([5, 5])
  })

  it('shows a supervised actor that is no machine by what its supervisor says', async () => {
    const log: ChildSpec = { id: 'log', start: () => run(fromPromise(() => new Promise<void>(() => {}))) }
    const { view } = await startTree({ children: [log] })
    expect(view('root/log')).toMatchObject({ kind: 'other', state: 'running', epoch: 1, since: at(0) })
  })

  it('shows what it waits for while it starts', async () => {
    const never: ChildSpec = {
      id: 'never',
      startTimeout: 'infinity',
      start: () => run(fromPromise(() => new Promise<void>(() => {}))),
    }
    const { view } = await startTree({ children: [never, camera('later')] })
    expect(view('root')).toMatchObject({ state: 'starting', why: 'waits for never' })
    expect(view('root/later')).toMatchObject({
      kind: 'other',
      state: 'waiting',
      description: 'Its turn to start, or to be started again, has not come.',
    })
  })
})

describe('a machine that moves', () => {
  it('is shown in its new state, since then, with the reason, and what it was before', async () => {
    const { clock, child, view } = await startTree({ children: [camera('a')] })
    clock.advance(1_000)
    child('root/a').send({ type: 'lost', why: 'no route to 10.0.0.7' })
    clock.advance(500)
    child('root/a').send({ type: 'again' })
    clock.advance(70)
    expect(view('root/a')).toMatchObject({
      state: 'streaming',
      since: at(1_500),
      why: 'pictures arrive again',
      before: [
        { state: 'backingOff', since: at(1_000), until: at(1_500), why: 'no route to 10.0.0.7' },
        { state: 'streaming', since: at(0), until: at(1_000), why: 'pictures arrive' },
      ],
    })
  })

  it('keeps since-when over events that move nothing', async () => {
    const { clock, child, view } = await startTree({ children: [camera('a')] })
    clock.advance(1_000)
    child('root/a').send({ type: 'nothing' })
    expect(view('root/a')).toMatchObject({ since: at(0), before: [] })
  })

  it('is remembered by its 8 latest states', async () => {
    const { clock, child, view } = await startTree({ children: [camera('a')] })
    for (let round = 1; round <= 5; round++) {
      clock.advance(1)
      child('root/a').send({ type: 'lost', why: `${round}` })
      child('root/a').send({ type: 'again' })
    }
    expect(view('root/a').before.map(({ state, why }) => `${state} ${why}`)).toEqual([
      'backingOff 5',
      'streaming pictures arrive again',
      'backingOff 4',
      'streaming pictures arrive again',
      'backingOff 3',
      'streaming pictures arrive again',
      'backingOff 2',
      'streaming pictures arrive again',
    ])
  })

  it('has a long reason cut at 500 characters', async () => {
    const { child, view } = await startTree({ children: [camera('a')] })
    child('root/a').send({ type: 'lost', why: 'x'.repeat(500) })
    expect(view('root/a').why).toBe('x'.repeat(500))
    child('root/a').send({ type: 'again' })
    child('root/a').send({ type: 'lost', why: 'x'.repeat(501) })
    expect(view('root/a').why).toBe(`${'x'.repeat(499)}…`)
  })
})

describe('a machine that crashes', () => {
  it('is shown in its next incarnation, with the crash in its past', async () => {
    const { clock, child, view } = await startTree({ children: [camera('a')], intensity: 3 })
    clock.advance(1_000)
    child('root/a').send({ type: 'bug' })
    await settle()
    expect(view('root/a')).toMatchObject({
      state: 'streaming',
      epoch: 2,
      since: at(1_000),
      restartsLeft: 2,
      before: [
        { state: 'crashed', since: at(1_000), until: at(1_000), why: 'TypeError: a bug' },
        { state: 'streaming', since: at(0), until: at(1_000), why: 'pictures arrive' },
      ],
    })
  })

  it('is shown as backing off while its supervisor waits, with the reason', async () => {
    const backoff = { initial: 1_000, factor: 2, max: 10_000, resetAfter: 60_000 }
    const { clock, child, view } = await startTree({ children: [camera('a', { backoff })] })
    clock.advance(100)
    child('root/a').send({ type: 'bug' })
    await settle()
    clock.advance(20)
    expect(view('root/a')).toMatchObject({
      kind: 'machine',
      state: 'backing_off',
      since: at(100),
      description: 'Failed; is started again after a wait.',
      why: expect.stringContaining('a bug') as string,
    })
    await clock.advanceAsync(1_000)
    expect(view('root/a')).toMatchObject({ state: 'streaming', epoch: 2, nextTryAt: null })
  })

  it('says when it is started again, in the decision’s record too', async () => {
    const budget = { intensity: 1, period: 60_000, retryAfter: 300_000 }
    const backoff = { initial: 1_000, factor: 2, max: 10_000, resetAfter: 60_000 }
    const { clock, child, view, decided } = await startTree({
      children: [cameras(camera('a', { budget, backoff }))],
    })
    const path = 'root/cameras/a'
    const crash = async () => {
      child(path).send({ type: 'bug' })
      await clock.advanceAsync(0)
      return { shown: view(path).nextTryAt, recorded: decided.at(-1)?.nextTryAt }
    }
    expect(await crash()).toEqual({ shown: at(500), recorded: at(500) })
    await clock.advanceAsync(500)
    expect(await crash()).toEqual({ shown: at(300_500), recorded: at(300_500) })
  })

  it('stays visible as crashed once its own budget is spent', async () => {
    const budget = { intensity: 0, period: 60_000, retryAfter: 300_000 }
    const { child, view } = await startTree({ children: [cameras(camera('a', { budget }), camera('b'))] })
    child('root/cameras/a').send({ type: 'bug' })
    await settle()
    expect(view('root/cameras/a')).toMatchObject({ state: 'crashed', restartsLeft: 0 })
    expect(view('root/cameras/b')).toMatchObject({ state: 'streaming' })
  })
})

describe('a report of a crash that comes before the next incarnation', () => {
  it('puts the crash into the past of the actor', async () => {
    const { clock, tap, view } = await startTree({ children: [camera('a')] })
    clock.advance(1_000)
    const reason = { type: 'error', error: new TypeError('a bug') } as const
    const report = { path: 'root/a', epoch: 1, restartsLeft: 0, at: 1_000, reason: 'it failed' } as const
    tap.supervisorReport({ ...report, decision: 'stop', cause: { type: 'exit', of: 'b', reason } })
    expect(view('root/a')).toMatchObject({ state: 'streaming', lastDecision: 'stop: it failed' })
    tap.supervisorReport({ ...report, decision: 'back_off', cause: { type: 'exit', of: 'a', reason } })
    tap.inspect({ type: '@xstate.actor', actorRef: { id: 'unrelated' } })
    expect(view('root/a')).toMatchObject({
      lastDecision: 'back off: it failed',
      before: [{ state: 'streaming' }],
    })
  })
})

describe('a supervisor that has spent its restarts', () => {
  it('and is started again is not taken for ended', async () => {
    const group = createSupervisor({ intensity: 0, children: [camera('a')] })
    const { clock, child, view } = await startTree({ children: [{ id: 'group', start: () => run(group) }] })
    clock.advance(1_000)
    child('root/group/a').send({ type: 'bug' })
    await settle()
    expect(view('root/group')).toMatchObject({ state: 'running', since: at(1_000), epoch: 2 })
    expect(view('root/group/a')).toMatchObject({ state: 'streaming', since: at(1_000) })
  })
})

describe('a machine that ends', () => {
  it('and is started again is not taken for ended', async () => {
    const { clock, child, view } = await startTree({ children: [camera('a')] })
    clock.advance(1_000)
    child('root/a').send({ type: 'end' })
    await settle()
    expect(view('root/a')).toMatchObject({
      state: 'streaming',
      since: at(1_000),
      epoch: 2,
      before: [{ state: 'streaming', until: at(1_000) }],
    })
  })

  it('and is followed by what is no machine gives way to it', async () => {
    const other = fromPromise(() => new Promise<void>(() => {}))
    const { child, view } = await startTree({
      children: [camera('a', { start: ({ epoch }) => (epoch === 1 ? run(cameraMachine) : run(other)) })],
    })
    child('root/a').send({ type: 'end' })
    await settle()
    expect(view('root/a')).toMatchObject({ state: 'running', description: 'Runs.', epoch: 2 })
  })

  it('keeps its final state as long as its supervisor lists it', async () => {
    const { child, view } = await startTree({ children: [camera('a', { restart: 'temporary' }), camera('b')] })
    child('root/a').send({ type: 'end' })
    await settle()
    expect(() => view('root/a')).toThrow('is not shown') // OTP forgets a temporary child that has ended.
    const second = await startTree({ children: [camera('a', { restart: 'transient' }), camera('b')] })
    second.child('root/a').send({ type: 'end' })
    await settle()
    expect(second.view('root/a')).toMatchObject({ state: 'stopped', description: 'Ended.' })
  })

  it('because it was stopped is shown as cut off', async () => {
    const { root, view } = await startTree({ children: [camera('a', { shutdown: 'brutal_kill' })] })
    await terminateChild(root, 'a')
    expect(view('root/a')).toMatchObject({ state: 'cut off', before: [{ state: 'streaming' }] })
  })
})

describe('a stop', () => {
  it('is shown step by step, down to the end', async () => {
    const { root, outline } = await startTree({ children: [camera('writer'), cameras(camera('a'))] })
    root.send({ type: 'drain' })
    await settle()
    expect(outline()).toEqual(['root ended', 'root/writer stopped', 'root/cameras ended', 'root/cameras/a stopped'])
  })
})

describe('actors that come and go', () => {
  it('are forgotten once they have ended and nobody lists them', async () => {
    const { tap } = await startTree({ children: [camera('a')] })
    const spawner = setup({ actors: { camera: cameraMachine } }).createMachine({})
    const parent = createActor(spawner, { id: 'spawner', inspect: tap.inspect }).start()
    for (let count = 0; count < 1_200; count++) {
      const spawned = createActor(cameraMachine, { id: `c${count}`, parent: parent as never }).start()
      spawned.send({ type: 'end' })
    }
    expect(tap.actors().map(({ path }) => path)).toEqual(['root', 'root/a', 'spawner'])
    expect(tap.size).toBeLessThan(210)
  })

  it('are known by the latest decision of their supervisor, as long as 20,000 others have had none since', () => {
    const lifeAfter = (others: number) => {
      const records: FeedRecord[] = []
      const clock = new VirtualClock()
      const onRecord = createRecorder(clock, (record) => records.push(record))
      const tap = createTap({ clock, onFault: (fault) => expect(fault).toBeUndefined(), onRecord })
      const rest = { cause: { type: 'boot' }, decision: 'start', restartsLeft: 0, at: 0, delay: undefined } as const
      const decide = (path: string, epoch: number) => tap.supervisorReport({ path, epoch, reason: '', ...rest })
      decide('a', 7)
      for (let each = 0; each < others; each++) decide(`other-${each}`, 1)
      tap.inspect({ type: '@xstate.snapshot', actorRef: { id: 'a' }, snapshot: { status: 'active' } })
      return records.at(-1)?.epoch
    }
    expect([lifeAfter(19_999), lifeAfter(20_000)]).toEqual([7, null])
  })

  it('below a machine are shown while they run', async () => {
    const clock = new VirtualClock()
    const tap = createTap({ clock, onFault: () => {} })
    const parent = setup({ actors: { camera: cameraMachine } }).createMachine({
      initial: 'a',
      states: { a: { invoke: { id: 'inner', src: 'camera' }, on: { next: 'b' } }, b: {} },
    })
    const actor = createActor(parent, { id: 'outer', clock, inspect: tap.inspect }).start()
    const outline = () => tap.actors().map(({ path, state }) => `${path} ${state}`)
    expect(outline()).toEqual(['outer a', 'outer/inner streaming'])
    actor.send({ type: 'next' })
    expect(outline()).toEqual(['outer b'])
  })
})

describe('a tap that meets what it cannot read', () => {
  it('throws nothing into the actor system, and tells of it outside', async () => {
    const { tap, faults } = await startTree({ children: [] })
    const context = {
      get why(): string {
        throw new TypeError('a getter')
      },
    }
    const snapshot = { status: 'active', machine: {}, value: 'a', context }
    tap.inspect({ type: '@xstate.snapshot', actorRef: { id: 'odd' }, snapshot })
    expect(faults).toEqual([])
    await settle()
    expect(faults).toEqual([new TypeError('a getter')])
  })

  it('calls a root without a name root', () => {
    const tap = createTap({ clock: new VirtualClock(), onFault: () => {} })
    createActor(cameraMachine, { inspect: tap.inspect }).start()
    expect(tap.actors()).toMatchObject([{ path: 'root', state: 'streaming' }])
  })
})

describe('an actor’s mailbox', () => {
  it('holds what it has got while it was at work, the event in hand included, and is empty again afterwards', () => {
    const seen: unknown[] = []
    let look = (): void => undefined
    const busy = setup({
      types: {} as { events: { type: 'work' | 'more' } },
      actions: { askForMore: ({ self }) => [1, 2].forEach(() => self.send({ type: 'more' })), look: () => look() },
    }).createMachine({ id: 'busy', on: { work: { actions: ['askForMore', 'look'] }, more: { actions: 'look' } } })
    const tap = createTap({
      clock: new VirtualClock(),
      onFault: (error) => {
        throw error
      },
    })
    const actor = createActor(busy, { id: 'busy', inspect: tap.inspect })
    actor.start()
    const mailbox = () => tap.actors()[0]?.mailbox
    expect(mailbox()).toEqual({ waiting: 0, most: 1 })
    look = () => seen.push(mailbox()?.waiting)
    actor.send({ type: 'work' })
    expect(seen).toEqual([3, 2, 1])
    expect(mailbox()).toEqual({ waiting: 0, most: 3 })
    // What comes too late waits for nobody.
    actor.stop()
    for (let each = 0; each < 9; each++)
      tap.inspect({ type: '@xstate.event', actorRef: actor, event: { type: 'work' }, sourceRef: undefined })
    expect(mailbox()).toEqual({ waiting: 0, most: 3 })
  })
})

describe('a wall clock that is set', () => {
  const waiting = setup({ delays: { retryDelay: minutes(5) } }).createMachine({
    initial: 'open',
    states: { open: { on: { lost: 'backingOff' } }, backingOff: { after: { retryDelay: 'open' } } },
  })

  it.each([9, -9].map((hours) => hours * minutes(60)))('by %d ms changes no duration', async (by) => {
    const waits: ChildSpec = { id: 'waits', start: () => run(waiting) }
    const other: ChildSpec = { id: 'other', start: () => run(fromPromise(() => new Promise<void>(() => {}))) }
    const { clock, child, tap } = await startTree({ children: [camera('a'), waits, other] })
    clock.advance(1_000)
    child('root/waits').send({ type: 'lost', why: 'a test' })
    clock.advance(60_000)
    const durations = () =>
      tap.actors().map(({ path, since, nextTryAt, before }) => ({
        path,
        for: clock.now() - since,
        tryIn: nextTryAt === null ? null : nextTryAt - clock.now(),
        before: before.map(({ state, since, until }) => [state, clock.now() - since, clock.now() - until]),
      }))
    const told = durations()
    expect(told).toEqual([
      { path: 'root', for: 61_000, tryIn: null, before: [] },
      { path: 'root/a', for: 61_000, tryIn: null, before: [] },
      { path: 'root/waits', for: 60_000, tryIn: 240_000, before: [['open', 61_000, 60_000]] },
      { path: 'root/other', for: 61_000, tryIn: null, before: [] },
    ])
    clock.step(by)
    expect(durations()).toEqual(told)
  })
})

describe('the tree that is looked at again', () => {
  it('is the same list while nothing has happened, for less than a second', () => {
    const clock = new VirtualClock()
    const tap = createTap({ clock, onFault: (error) => expect(error).toBeUndefined() })
    const actor = createActor(cameraMachine, { id: 'camera', inspect: tap.inspect })
    actor.start()
    const first = tap.actors()
    clock.advance(999)
    expect(tap.actors()).toBe(first)
    clock.advance(1)
    const second = tap.actors()
    expect(second).not.toBe(first)
    actor.send({ type: 'lost', why: 'a test' })
    expect(tap.actors()).toMatchObject([{ state: 'backingOff' }])
  })
})

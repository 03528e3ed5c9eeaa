import { describe, expect, it, vi } from 'vitest'
import {
  type ActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  type AnyMachineSnapshot,
  assign,
  createActor,
  emit,
  type EventObject,
  fromCallback,
  fromPromise,
  fromTransition,
  type InspectionEvent,
  sendTo,
  setup,
  type Snapshot,
  stateIn,
} from 'xstate'
import { getAdjacencyMap } from 'xstate/graph'
import xstate from 'xstate/package.json' with { type: 'json' }
import { watchSystem } from '../../src/supervision/actor-system.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

/** A parent that writes down every event it is sent. */
const listener = (log: string[]) =>
  fromTransition((state: number, event: AnyEventObject) => {
    log.push(`parent hears ${event.type}`)
    return state
  }, 0)

const mortal = setup({
  actions: {
    explode: () => {
      throw new Error('boom')
    },
  },
}).createMachine({
  initial: 'alive',
  states: { alive: { on: { die: 'dead', fail: { actions: 'explode' } } }, dead: { type: 'final' } },
})

it('is XState 5.33.3 that these facts are about', () => {
  expect(xstate.version).toBe('5.33.3')
})

describe('an observer', () => {
  it('is given the first snapshot as the actor starts, where it subscribed before, and none where it comes later', () => {
    const seen: string[] = []
    const actor = createActor(mortal)
    actor.subscribe({ next: ({ value }) => void seen.push(`early ${value}`) })
    expect(seen).toEqual([])
    actor.start()
    actor.subscribe({ next: ({ value }) => void seen.push(`late ${value}`) })
    expect(seen).toEqual(['early alive'])
    actor.send({ type: 'die' })
    expect(seen).toEqual(['early alive', 'early dead', 'late dead'])
  })
})

describe('the snapshot of a machine', () => {
  it('has the nodes of the states it is in, with their descriptions, from the machine down', () => {
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'online',
      states: {
        online: { description: 'It is there.', initial: 'writing', states: { writing: { description: 'It writes.' } } },
      },
    })
    const { _nodes: nodes } = createActor(machine).start().getSnapshot()
    expect(nodes.map(({ id, description }) => [id, description])).toEqual([
      ['m', undefined],
      ['m.online', 'It is there.'],
      ['m.online.writing', 'It writes.'],
    ])
  })
})

describe('an actor made with a parent', () => {
  it('tells its observers of its end first, and then its parent', () => {
    const log: string[] = []
    const parent = createActor(listener(log)).start()
    for (const event of ['die', 'fail']) {
      const child = createActor(mortal, { id: event, parent })
      child.subscribe({ complete: () => log.push('complete'), error: () => log.push('error') })
      child.start()
      child.send({ type: event } as { type: 'die' } | { type: 'fail' })
    }
    expect(log).toEqual([
      'complete',
      'parent hears xstate.done.actor.die',
      'error',
      'parent hears xstate.error.actor.fail',
    ])
  })

  it('is observed by its error observer alone: its error is not unhandled', () => {
    const unhandled = vi.spyOn(globalThis, 'setTimeout')
    const parent = createActor(listener([])).start()
    const child = createActor(mortal, { id: 'child', parent })
    child.subscribe({ error: () => {} })
    child.start()
    child.send({ type: 'fail' })
    expect(unhandled).not.toHaveBeenCalled()
    unhandled.mockRestore()
  })

  it("inherits the root's clock and its id is what it was given", () => {
    const clock = new VirtualClock()
    const parent = createActor(listener([]), { clock }).start()
    const child = createActor(mortal, { id: 'camera.dock-1', parent })
    expect(child.clock).toBe(clock)
    expect((child as AnyActorRef)._parent).toBe(parent)
    expect(child.id).toBe('camera.dock-1')
  })

  it('cannot be stopped by itself, and its stop by another way tells its observers but not its parent', () => {
    const log: string[] = []
    const parent = createActor(listener(log)).start()
    const child = createActor(mortal, { id: 'child', parent })
    child.subscribe({ complete: () => log.push(`complete, ${child.getSnapshot().status}`) })
    child.start()
    expect(() => child.stop()).toThrow('A non-root actor cannot be stopped directly.')
    watchSystem(parent.system).stop(child)
    expect(log).toEqual(['complete, stopped'])
  })
})

describe('an actor that has not been started', () => {
  it('keeps what it is sent, and gets it before what its logic sends itself at the start', () => {
    const heard: string[] = []
    const logic = fromTransition((state: number, event: EventObject) => {
      heard.push(event.type)
      return state
    }, 0)
    const actor = createActor(Object.assign(logic, { start: () => actor.send({ type: 'boot' }) }))
    actor.send({ type: 'early' })
    expect(heard).toEqual([])
    actor.start()
    expect(heard).toEqual(['early', 'boot'])
  })

  it('has nobody told that it is stopped, neither its logic nor an observer, and seems active; started, it runs', () => {
    const log: string[] = []
    const actor = createActor(listener(log))
    actor.subscribe({ complete: () => log.push('an observer') })
    actor.send({ type: 'first' })
    actor.send({ type: 'second' })
    actor.stop()
    expect(log).toEqual([])
    expect(actor.getSnapshot().status).toBe('active')
    actor.start()
    // All but the first of what it was sent is gone.
    expect(log).toEqual(['parent hears first'])
  })

  it('has a number for what it is: 0 before it starts, 1 while it runs, 2 once it has ended', () => {
    const actor = createActor(mortal)
    const status = () => (actor as unknown as { readonly _processingStatus: number })._processingStatus
    expect([status(), actor.start() && status(), actor.stop() && status()]).toEqual([0, 1, 2])
  })

  it('lets listeners hear what it emits while it starts', () => {
    const logic = setup({ types: {} as { emitted: { type: 'ready' } } }).createMachine({
      entry: emit({ type: 'ready' }),
    })
    const actor = createActor(logic)
    const heard: string[] = []
    actor.on('*', (event) => heard.push(event.type))
    actor.start()
    expect(heard).toEqual(['ready'])
  })
})

describe('a machine whose own code throws', () => {
  const explode = (): never => {
    throw new Error('boom')
  }
  const places = ['action', 'guard', 'assign', 'entry', 'after'] as const
  const build = () => {
    const log: string[] = []
    const clock = new VirtualClock()
    const machine = setup({
      types: {} as { events: { type: (typeof places)[number] } },
      actors: { resident: fromCallback(() => () => log.push('resident ends')) },
      actions: { explode, change: assign(explode) },
      guards: { explode },
    }).createMachine({
      invoke: { src: 'resident' },
      initial: 'safe',
      states: { safe: {}, entered: { entry: 'explode' }, late: { after: { 100: { actions: 'explode' } } } },
      on: {
        action: { actions: 'explode' },
        guard: { guard: 'explode', target: '.safe' },
        assign: { actions: 'change' },
        entry: '.entered',
        after: '.late',
      },
    })
    const parent = createActor(listener([]), { clock }).start()
    const actors = watchSystem(parent.system)
    const child = createActor(machine, { id: 'child', parent })
    child.subscribe({ error: () => {} })
    child.start()
    return { log, actors, child, clock, parent }
  }

  it.each(places)('leaves its invoked children running, and no stop reaches them: %s', (place) => {
    const { log, actors, child, clock, parent } = build()
    child.send({ type: place })
    clock.advance(100)
    expect(child.getSnapshot().status).toBe('error')
    parent.stop()
    expect(log).toEqual([])
    expect(actors.count).toBe(1)
  })

  it('has them found and stopped by the watch on its system', () => {
    const { log, actors, child } = build()
    child.send({ type: 'action' })
    actors.stop(child)
    expect(log).toEqual(['resident ends'])
    expect(actors.count).toBe(0)
  })
})

describe('an inspector that throws', () => {
  const inspected = (guarded: boolean) => {
    const heard: string[] = []
    const actor = createActor(listener(heard))
    if (guarded) watchSystem(actor.system)
    actor.start()
    let throws = true
    actor.system.inspect((event) => {
      if (throws && event.type === '@xstate.snapshot') throw new Error('a bad inspector')
    })
    return { actor, heard, mend: () => (throws = false) }
  }

  it('leaves the mailbox stuck for ever', () => {
    const { actor, heard, mend } = inspected(false)
    expect(() => actor.send({ type: 'one' })).toThrow('a bad inspector')
    mend()
    actor.send({ type: 'two' })
    expect(heard).toEqual(['parent hears one'])
  })

  it('does no harm in a system that is watched', () => {
    const { actor, heard } = inspected(true)
    actor.send({ type: 'one' })
    actor.send({ type: 'two' })
    expect(heard).toEqual(['parent hears one', 'parent hears two'])
  })
})

describe('an actor that nobody observes and that has no parent', () => {
  it('throws its error at the process, from a timer without a delay', () => {
    const thrown: (() => void)[] = []
    const timer = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void) => {
      thrown.push(callback)
    }) as unknown as typeof setTimeout)
    createActor(mortal).start().send({ type: 'fail' })
    timer.mockRestore()
    expect(thrown).toHaveLength(1)
    expect(thrown[0]).toThrow('boom')
  })
})

describe('an actor that is sent an event while it handles another', () => {
  it('handles it afterwards, and all of them in the order in which they came', () => {
    const heard: string[] = []
    const actor = createActor(
      fromTransition((state: number, event: AnyEventObject) => {
        heard.push(`${event.type} begins`)
        if (event.type === 'one') {
          actor.send({ type: 'two' })
          actor.send({ type: 'three' })
        }
        heard.push(`${event.type} ends`)
        return state
      }, 0),
    ).start()
    actor.send({ type: 'one' })
    expect(heard).toEqual(['one begins', 'one ends', 'two begins', 'two ends', 'three begins', 'three ends'])
  })
})

describe('a machine that sends to a child that it has not', () => {
  it('fails by it, as by any bug of its own', () => {
    const actor = createActor(
      setup({ actions: { finish: sendTo('rows', { type: 'finish' }) } }).createMachine({
        on: { drain: { actions: 'finish' } },
      }),
    )
    const errors: unknown[] = []
    actor.subscribe({ error: (error) => errors.push(error) })
    actor.start()
    actor.send({ type: 'drain' })
    expect(actor.getSnapshot().status).toBe('error')
    expect(String(errors)).toContain("Unable to send event to actor 'rows'")
  })
})

describe('the guards of a machine', () => {
  it('see the state in which the event came, and the first that passes decides', () => {
    const machine = setup({ guards: { isDraining: stateIn({ online: 'draining' }) } }).createMachine({
      initial: 'online',
      states: {
        online: {
          initial: 'writing',
          on: { lost: [{ guard: 'isDraining', target: 'stopped' }, { target: 'backingOff' }] },
          states: { writing: { on: { drain: 'draining' } }, draining: {} },
        },
        backingOff: {},
        stopped: {},
      },
    })
    const after = (...types: string[]): unknown => {
      const actor = createActor(machine).start()
      for (const type of types) actor.send({ type })
      return actor.getSnapshot().value
    }
    expect([after('lost'), after('drain', 'lost')]).toEqual(['backingOff', 'stopped'])
  })
})

describe('a state that answers an event with nothing', () => {
  it('keeps it from the states around it, and its children are left alone', () => {
    let begun = 0
    const resident = fromCallback(() => void begun++)
    const actor = createActor(
      setup({ actors: { resident } }).createMachine({
        initial: 'online',
        on: { drain: '.draining' },
        states: { online: {}, draining: { invoke: { src: 'resident' }, on: { drain: {} } } },
      }),
    ).start()
    actor.send({ type: 'drain' })
    actor.send({ type: 'drain' })
    expect([actor.getSnapshot().value, begun]).toEqual(['draining', 1])
  })
})

describe('a machine that takes any event whatever', () => {
  it('takes the failure of its child for one, and goes on as if nothing had been', () => {
    const failing = fromCallback(() => {
      throw new Error('a bug')
    })
    const actor = createActor(
      setup({ actors: { failing } }).createMachine({ invoke: { src: 'failing' }, on: { '*': {} } }),
    ).start()
    expect(actor.getSnapshot().status).toBe('active')
  })
})

describe('logic of our own', () => {
  it('hears that its actor is stopped as an event, and what it returns is the last snapshot', () => {
    const heard: string[] = []
    const logic: ActorLogic<Snapshot<undefined>, EventObject> = {
      getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
      transition(snapshot, { type }) {
        heard.push(type)
        return type === 'xstate.stop' ? { status: 'stopped', output: undefined, error: undefined } : snapshot
      },
      getPersistedSnapshot: (snapshot) => snapshot,
    }
    const actor = createActor(logic).start()
    actor.stop()
    expect(heard).toEqual(['xstate.stop'])
    expect(actor.getSnapshot().status).toBe('stopped')
  })
})

describe('an actor that has ended', () => {
  it('takes no more events, and says nothing of it', () => {
    const actor = createActor(mortal).start()
    actor.send({ type: 'die' })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    actor.send({ type: 'die' })
    warn.mockRestore()
    expect(actor.getSnapshot().status).toBe('done')
  })
})

describe('a machine whose child fails', () => {
  const failing = (error: Error) =>
    setup({
      actors: {
        child: fromCallback(() => {
          throw error
        }),
      },
      guards: { isExpected: ({ event }) => 'error' in event && event.error instanceof RangeError },
    }).createMachine({
      initial: 'working',
      states: {
        working: { invoke: { src: 'child', onError: { guard: 'isExpected', target: 'backingOff' } } },
        backingOff: {},
      },
    })

  it('takes a guarded onError for an error that its guard accepts', () => {
    const actor = createActor(failing(new RangeError('out of reach'))).start()
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'backingOff' })
  })

  it('fails with any other error, and so do those above it that do not handle it', () => {
    const bug = new Error('a bug')
    const above = setup({ actors: { below: failing(bug) } }).createMachine({ invoke: { src: 'below' } })
    const root = createActor(above)
    const errors: unknown[] = []
    root.subscribe({ error: (error) => errors.push(error) })
    root.start()
    expect(root.getSnapshot().status).toBe('error')
    expect(errors).toEqual([bug])
  })
})

describe('an actor that is stopped', () => {
  it('has stopped its children when stop returns, ids like numbers first, and has run no exit action', () => {
    const log: string[] = []
    const resident = fromCallback<EventObject, string>(
      ({ input }) =>
        () =>
          void log.push(`${input} ends`),
    )
    const machine = setup({ actors: { resident }, actions: { say: () => log.push('exit action') } }).createMachine({
      exit: 'say',
      invoke: ['camera', '10', '2'].map((id) => ({ id, src: 'resident' as const, input: id })),
    })
    createActor(machine).start().stop()
    expect(log).toEqual(['2 ends', '10 ends', 'camera ends'])
  })
})

describe('a promise actor', () => {
  it("has its signal aborted when its parent's state is left", () => {
    const signals: AbortSignal[] = []
    const promised = fromPromise(({ signal }) => {
      signals.push(signal)
      return new Promise<never>(() => {})
    })
    const actor = createActor(
      setup({ actors: { promised } }).createMachine({
        initial: 'waiting',
        states: { waiting: { invoke: { src: 'promised' }, on: { leave: 'left' } }, left: {} },
      }),
    ).start()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    actor.send({ type: 'leave' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it("is not heard any more once its parent's state was left, whatever it then comes to", async () => {
    let resolve = (): void => undefined
    const promised = fromPromise(() => new Promise<void>((settled) => (resolve = settled)))
    const actor = createActor(
      setup({ actors: { promised } }).createMachine({
        initial: 'waiting',
        states: { waiting: { invoke: { src: 'promised', onDone: 'done' }, on: { leave: 'left' } }, left: {}, done: {} },
        on: { '*': '.done' },
      }),
    ).start()
    actor.send({ type: 'leave' })
    resolve()
    await settle()
    expect(actor.getSnapshot().value).toBe('left')
  })
})

describe('inspection', () => {
  it('tells of an actor before it has a snapshot to read', () => {
    let seen = 0
    const inspect = ({ type, actorRef }: InspectionEvent) => {
      if (type !== '@xstate.actor') return
      expect(() => (actorRef as AnyActorRef).getSnapshot() as unknown).toThrow('while the actor initializes itself')
      seen++
    }
    createActor(mortal, { inspect })
    expect(seen).toBe(1)
  })

  it('shows a live snapshot, of a promise with what it was given', () => {
    const given = { password: 'hunter2' }
    const shown: unknown[] = []
    createActor(
      fromPromise(() => new Promise<never>(() => {})),
      { input: given, inspect: (event) => void (event.type === '@xstate.snapshot' && shown.push(event.snapshot)) },
    ).start()
    expect(shown[0]).toMatchObject({ input: given })
  })

  it('tells nothing of the end of an actor whose own action throws but what its parent is told', () => {
    const told: string[] = []
    const parent = createActor(listener([]), {
      inspect: (event) => {
        const about = event.actorRef as AnyActorRef
        told.push(`${event.type} ${about.id}${event.type === '@xstate.event' ? ` ${event.event.type}` : ''}`)
      },
      id: 'parent',
    }).start()
    const child = createActor(mortal, { id: 'child', parent })
    child.subscribe({ error: () => {} })
    child.start()
    told.length = 0
    child.send({ type: 'fail' })
    expect(told.filter((word) => /^@xstate.(event|snapshot)/.test(word))).toEqual([
      '@xstate.event child fail',
      '@xstate.event parent xstate.error.actor.child',
      '@xstate.snapshot parent',
    ])
  })

  it('tells who sends a message back to its parent, by way of the relay that we use too', () => {
    const senders: [string, string | undefined][] = []
    const child = fromCallback(({ sendBack, self, system }) => {
      sendBack({ type: 'by sendBack' })
      const { _relay: relay } = system as typeof system & { _relay: (...told: unknown[]) => void }
      relay(self, self._parent, { type: 'by relay' })
      self._parent?.send({ type: 'by send' })
    })
    const inspect = (told: InspectionEvent) => {
      if (told.type === '@xstate.event')
        senders.push([told.event.type, (told.sourceRef as AnyActorRef | undefined)?.id])
    }
    const machine = setup({ actors: { child } }).createMachine({ invoke: { id: 'child', src: 'child' } })
    createActor(machine, { inspect }).start()
    expect(senders.filter(([type]) => type.startsWith('by '))).toEqual([
      ['by sendBack', 'child'],
      ['by relay', 'child'],
      ['by send', undefined],
    ])
  })

  it('shows an event that changes nothing with the very value of before', () => {
    const values: unknown[] = []
    const machine = setup({}).createMachine({ initial: 'a', states: { a: { on: { go: 'b' } }, b: {} } })
    const actor = createActor(machine, {
      inspect: (event) =>
        void (event.type === '@xstate.snapshot' && values.push((event.snapshot as AnyMachineSnapshot).value)),
    }).start()
    for (const type of ['unknown', 'go', 'unknown']) actor.send({ type })
    const [began, first, second, third] = values
    expect([began === first, first === second, second === third]).toEqual([true, false, true])
  })

  it('numbers sessions through the whole process, so that only paths name actors alike each time', () => {
    expect(createActor(mortal).sessionId).not.toBe(createActor(mortal).sessionId)
  })

  it('tells of a delay as an action that raises, named after the delay and the state, with the time that it takes', () => {
    const clock = new VirtualClock()
    const told: unknown[] = []
    const machine = setup({ delays: { retryDelay: () => 5_000 } }).createMachine({
      id: 'm',
      initial: 'waiting',
      states: { waiting: { after: { retryDelay: 'trying' } }, trying: {} },
    })
    const inspect = (event: InspectionEvent) => void (event.type === '@xstate.action' && told.push(event.action))
    const actor = createActor(machine, { clock, inspect }).start()
    expect(told).toEqual([
      {
        type: 'xstate.raise',
        params: expect.objectContaining({
          event: { type: 'xstate.after.retryDelay.m.waiting' },
          delay: 5_000,
        }) as unknown,
      },
    ])
    clock.advance(5_000)
    expect(actor.getSnapshot().value).toBe('trying')
  })
})

describe('a snapshot that is restored', () => {
  it('never fires the delays that it was waiting for', () => {
    const clock = new VirtualClock()
    const machine = setup({ delays: { patience: 1_000 } }).createMachine({
      initial: 'waiting',
      states: { waiting: { after: { patience: 'late' } }, late: {} },
    })
    const first = createActor(machine, { clock }).start()
    const restored = createActor(machine, { clock, snapshot: first.getPersistedSnapshot() }).start()
    clock.advance(10_000)
    expect(first.getSnapshot().value).toBe('late')
    expect(restored.getSnapshot().value).toBe('waiting')
  })
})

describe('the graph of a machine', () => {
  it('is walked without starting the children, though they are in its snapshots', () => {
    let started = 0
    const machine = setup({ actors: { resident: fromCallback(() => void started++) } }).createMachine({
      initial: 'working',
      states: {
        working: { invoke: { id: 'child', src: 'resident' }, on: { drain: 'ended' } },
        ended: { type: 'final' },
      },
    })
    const graph = Object.values(getAdjacencyMap(machine, {})) as { state: AnyMachineSnapshot }[]
    expect(
      graph.map(({ state }) => ({ value: state.value as string, children: Object.keys(state.children as object) })),
    ).toEqual([
      { value: 'working', children: ['child'] },
      { value: 'ended', children: [] },
    ])
    expect(started).toBe(0)
  })
})

import { describe, expect, it, vi } from 'vitest'
import {
  type AnyActorRef,
  type AnyEventObject,
  type AnyMachineSnapshot,
  createActor,
  emit,
  type EventObject,
  fromCallback,
  fromPromise,
  fromTransition,
  type InspectionEvent,
  setup,
} from 'xstate'
import { getAdjacencyMap } from 'xstate/graph'
import xstate from 'xstate/package.json' with { type: 'json' }
import { watchSystem } from '../../src/supervision/actor-system.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

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
  it('keeps what it is sent, and gets it after what its logic sends itself at the start', () => {
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

describe('a machine whose own action throws', () => {
  const build = () => {
    const log: string[] = []
    const machine = setup({
      actors: { resident: fromCallback(() => () => log.push('resident ends')) },
      actions: {
        explode: () => {
          throw new Error('boom')
        },
      },
    }).createMachine({ invoke: { src: 'resident' }, on: { fail: { actions: 'explode' } } })
    const parent = createActor(listener([])).start()
    const actors = watchSystem(parent.system)
    const child = createActor(machine, { id: 'child', parent })
    child.subscribe({ error: () => {} })
    child.start()
    return { log, actors, child }
  }

  it('leaves its invoked children running', () => {
    const { log, actors, child } = build()
    child.send({ type: 'fail' })
    expect(child.getSnapshot().status).toBe('error')
    expect(log).toEqual([])
    expect(actors.count).toBe(1)
  })

  it('has them found and stopped by the watch on its system', () => {
    const { log, actors, child } = build()
    child.send({ type: 'fail' })
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

  it('numbers sessions through the whole process, so that only paths name actors alike each time', () => {
    expect(createActor(mortal).sessionId).not.toBe(createActor(mortal).sessionId)
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

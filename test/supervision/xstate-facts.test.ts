import { describe, expect, it, vi } from 'vitest'
import {
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  emit,
  type EventObject,
  fromCallback,
  fromTransition,
  setup,
} from 'xstate'
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

import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { createResourceActors } from '../../src/actors/resource.ts'
import { provide } from '../../src/machines/provide.ts'
import { resourceMachine } from '../../src/machines/resource-machine.ts'
import { settle, VirtualClock } from '../fakes/virtual-clock.ts'

const actorsThat = (says: string) => ({
  actors: createResourceActors({
    open: async () => says,
    close: async () => undefined,
    broken: new Promise<never>(() => undefined),
  }),
})

const started = (machine: typeof resourceMachine) =>
  createActor(machine, { clock: new VirtualClock(), input: { openedOnce: false } }).start()

describe('a machine that is provided with actors', () => {
  it('is all that XState’s own provide makes, but for the state nodes, which are those of the machine', () => {
    const ours = provide(resourceMachine, actorsThat('open'))
    const theirs = resourceMachine.provide(actorsThat('open'))
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort())
    expect(Object.getPrototypeOf(ours)).toBe(Object.getPrototypeOf(theirs))
    expect(ours.root).toBe(resourceMachine.root)
    expect(theirs.root).not.toBe(resourceMachine.root)
    const functions = (machine: typeof resourceMachine) =>
      Object.entries(machine).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))
    // Each of these is bound to the machine it belongs to, and has to be bound anew.
    expect(functions(ours)).toEqual(functions(theirs))
    const kept = Object.values<unknown>({ ...resourceMachine }).filter((value) => typeof value === 'function')
    for (const value of Object.values(ours)) expect(kept).not.toContain(value)
  })

  it('has its own, and shares states with one that is provided with others', async () => {
    const first = started(provide(resourceMachine, actorsThat('the first is open')))
    const second = started(provide(resourceMachine, actorsThat('the second is open')))
    await settle()
    expect([first, second].map((actor) => actor.getSnapshot().context.why)).toEqual([
      'the first is open',
      'the second is open',
    ])
    second.send({ type: 'drain' })
    await settle()
    expect([first, second].map((actor) => actor.getSnapshot().value)).toEqual(['open', 'stopped'])
    first.stop()
  })

  it('leaves the machine itself without', async () => {
    provide(resourceMachine, actorsThat('open'))
    const bare = createActor(resourceMachine, { clock: new VirtualClock(), input: { openedOnce: false } })
    const errors: unknown[] = []
    bare.subscribe({ error: (error) => errors.push(error) })
    bare.start()
    await settle()
    expect(String(errors)).toContain('The actor "openResource" was not provided')
  })
})

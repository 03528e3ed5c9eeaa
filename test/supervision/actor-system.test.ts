import { createActor, fromTransition, type AnyActor } from 'xstate'
import { describe, expect, it, vi } from 'vitest'
import { watchSystem } from '../../src/supervision/actor-system.ts'

const logic = fromTransition((state: number) => state, 0)
const below = (parent: AnyActor, id: string): AnyActor => createActor(logic, { id, parent })
const endOf = (actor: AnyActor) => {
  const told = vi.fn()
  actor.subscribe({ complete: told })
  return told
}

const watched = () => {
  const root = createActor(logic, { id: 'root' })
  const actors = watchSystem(root.system)
  root.start()
  const child = below(root, 'child').start()
  return { actors, root, child }
}

describe('the running actors of a system', () => {
  it('include one that began below an actor that had ended, and a stop from above reaches it', () => {
    const { actors, root, child } = watched()
    actors.stop(child)
    const late = below(child, 'late').start()
    expect(actors.count).toBe(2)
    const end = endOf(late)
    actors.stop(root)
    expect(end).toHaveBeenCalledOnce()
    expect(actors.count).toBe(0)
  })

  it('include one that began below an actor that nobody had watched, and a stop from above reaches it', () => {
    const root = createActor(logic, { id: 'root' }).start()
    const unwatched = below(root, 'unwatched').start()
    const actors = watchSystem(root.system)
    const child = below(unwatched, 'child').start()
    expect(actors.count).toBe(1)
    const end = endOf(child)
    actors.stop(root)
    expect(end).toHaveBeenCalledOnce()
    expect(actors.count).toBe(0)
  })

  it('are as many as before once one has come and gone', () => {
    const { actors, child } = watched()
    const grandchild = below(child, 'grandchild').start()
    actors.stop(grandchild)
    expect(actors.count).toBe(2)
    actors.stop(child)
    expect(actors.count).toBe(1)
  })
})

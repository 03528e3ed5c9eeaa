import type { AnyStateMachine } from 'xstate'

/** What the composition root gives a machine. Actions and guards are the machine's own. */
export type Provided<Machine extends AnyStateMachine> = Pick<
  NonNullable<Parameters<Machine['provide']>[0]>,
  'actors' | 'delays'
>

/** Methods that XState's constructor binds to the machine that it makes. */
const bound = ['transition', 'getInitialSnapshot', 'getPersistedSnapshot', 'restoreSnapshot', 'start'] as const

/**
 * What `machine.provide` gives, on the state nodes of `machine` instead of new ones.
 *
 * XState's own makes a machine anew for each life of an actor: all of its state nodes, and what is found out about their
 * transitions as they are first taken. Nodes hold nothing of an actor, and what is provided is looked up in the machine that
 * a snapshot names, so that any number of machines can share them.
 */
export function provide<Machine extends AnyStateMachine>(machine: Machine, provided: Provided<Machine>): Machine {
  const prototype = Object.getPrototypeOf(machine) as AnyStateMachine
  const { actions, guards, actors, delays } = machine.implementations
  const copy = Object.assign(Object.create(prototype) as Machine, machine, {
    implementations: {
      actions,
      guards,
      actors: { ...actors, ...provided.actors },
      delays: { ...delays, ...provided.delays },
    },
  })
  for (const method of bound) Object.assign(copy, { [method]: (prototype[method] as () => unknown).bind(copy) })
  return copy
}

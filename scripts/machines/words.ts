import type { AnyStateMachine, AnyTransitionDefinition } from 'xstate'
import { getStateNodes } from 'xstate/graph'

/** What makes a transition happen, and its guard: `drain`, `frameStream fails [isOperatingError]`, `after retryDelay`. */
export function causeOf({ eventType, guard }: AnyTransitionDefinition, machine: AnyStateMachine): string {
  const condition = guard === undefined ? '' : ` [${guardWords(guard)}]`
  const type = eventType as string
  const [, kind, name = ''] = /^xstate\.(done\.actor|error\.actor|after)\.(.*)$/.exec(type) ?? []
  if (kind === undefined) return `${type}${condition}`
  if (kind === 'after') return `after ${delayWords(name, machine)}${condition}`
  return `${actorWords(name, machine)} ${kind === 'done.actor' ? 'ends' : 'fails'}${condition}`
}

/** An actor that the machine runs, by its name in `setup`. */
export function actorWords(id: string, machine: AnyStateMachine): string {
  const invoked = getStateNodes(machine).flatMap(({ invoke }) => invoke)
  const source = invoked.find((each) => each.id === id)?.src
  if (typeof source === 'string') return source
  throw new Error(`${machine.id}: the actor ${id} has no name in \`setup\`, and cannot be drawn`)
}

/** XState's event is named after the delay and the state that waits. */
function delayWords(event: string, { id, implementations: { delays } }: AnyStateMachine): string {
  const name = Object.keys(delays).find((delay) => event.startsWith(`${delay}.`))
  if (name === undefined) throw new Error(`${id}: the delay of ${event} has no name in \`setup\`, and cannot be drawn`)
  const length: unknown = delays[name]
  return typeof length === 'number' ? `${name} (${length / 1000} s)` : name
}

function guardWords(guard: unknown): string {
  if (typeof guard === 'string') return guard
  const parts = (guard as { readonly guards?: readonly unknown[] }).guards
  if (parts === undefined) throw new Error('A guard without a name cannot be drawn; name it in `setup`')
  return parts.map(guardWords).join(' and ')
}

import type { AnyStateNode } from 'xstate'
import { getStateNodes } from 'xstate/graph'
import { allMachines } from '../../scripts/machines/all-machines.ts'
import type { Coverage } from './coverage.ts'

/** Whose machine is not called as the actor is. */
const machineOf: Readonly<Record<string, string>> = {
  'root/cameras/*': 'camera',
  'root/log': 'resource',
  'root/manifest': 'resource',
}
const actors = ['log', 'manifest', 'csv-writer', 'uploader', 'inspector', 'inference', 'cameras/*']

/** One line for each actor and state: the events that its machine handles there and that it never met. */
export function missed(coverage: Coverage): string[] {
  return actors.flatMap((slot) => {
    const actor = `root/${slot}`
    const found = allMachines.find(({ machine }) => machine.id === (machineOf[actor] ?? slot))
    if (found === undefined) throw new Error(`No machine for ${actor}`)
    const states = (getStateNodes(found.machine) as AnyStateNode[]).filter(({ type }) => type === 'atomic')
    return states.flatMap((state) => {
      const events = [...handledIn(state)].filter((event) => !coverage.has(actor, state.key, event))
      return events.length === 0 ? [] : [`${actor} ${state.key}: ${events.map(shortly).join(', ')}`]
    })
  })
}

/** What the state itself handles, and what does so that encloses it. */
function handledIn(state: AnyStateNode): Set<string> {
  const events = new Set<string>()
  for (let node: AnyStateNode | undefined = state; node !== undefined; node = node.parent)
    for (const event of node.transitions.keys()) if (event !== '') events.add(event)
  return events
}

/** `error of frames` for `xstate.error.actor.frames`. */
const shortly = (event: string): string =>
  event.replace(/^xstate\.(done|error)\.actor\.(\d+\.)?/, '$1 of ').replace(/^xstate\.after\.([^.]+)\..*/, 'after $1')

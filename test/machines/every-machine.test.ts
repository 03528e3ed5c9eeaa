import { readdirSync, readFileSync } from 'node:fs'
import type { AnyActorRef, AnyMachineSnapshot, AnyStateNode, AnyTransitionDefinition } from 'xstate'
import { type DirectedGraphNode, getStateNodes, toDirectedGraph } from 'xstate/graph'
import { describe, expect, it } from 'vitest'
import { allMachines } from '../../scripts/machines/all-machines.ts'
import { isNextTry } from '../../src/inspection-feed/next-try.ts'
import { isBug, isDrain, isEnd } from './every-event.ts'
import { explore, keyOf } from './explore.ts'

const isActive = ({ status }: AnyMachineSnapshot): boolean => status === 'active'

const transitionsOf = ({ edges, children }: DirectedGraphNode): AnyTransitionDefinition[] => [
  ...edges.map(({ transition }) => transition),
  ...children.flatMap(transitionsOf),
]
/** Where in the configuration it stands: the state, the event, and which of that event's transitions it is. */
function placeOf(transition: AnyTransitionDefinition): string {
  const source = transition.source as AnyStateNode
  const type = transition.eventType as string
  return `${source.id} on ${type}, ${source.transitions.get(type)?.indexOf(transition as never)}`
}

const isIdle = ({ invoke, parent }: AnyStateNode): boolean =>
  invoke.length === 0 && (parent === undefined || isIdle(parent))

it('is about every machine that there is', () => {
  const src = new URL('../../src/', import.meta.url)
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  // The library's examples are no part of the daemon.
  const sources = files.filter((file) => !file.startsWith('supervision/examples/'))
  const making = sources.filter((file) => readFileSync(new URL(file, src), 'utf8').includes('createMachine('))
  expect(making.toSorted()).toEqual(allMachines.map(({ file }) => `machines/${file}`))
})

describe.each(allMachines.map(({ machine }) => [machine.id, machine] as const))('the %s machine', (_, machine) => {
  const states: AnyStateNode[] = getStateNodes(machine)
  const { snapshots, steps } = explore(machine)
  const drained = steps.filter(({ event }) => isDrain(event)).map(({ to }) => to)

  it('describes each of its states', () => {
    expect(states.filter(({ description }) => !description).map(({ id }) => id)).toEqual([])
  })

  it('has a name of its own for each state in which it can be, for people read no more than that', () => {
    const names = states.filter(({ type }) => type === 'atomic' || type === 'final').map(({ key }) => key)
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
  })

  it('calls the delay of a state in which it does nothing but wait so that people are told when it tries again', () => {
    const waits = states.filter(isIdle).flatMap(({ after }) => after.map(({ eventType }) => eventType as string))
    expect(waits.filter((type) => !isNextTry(type))).toEqual([])
  })

  it('comes to each of its states', () => {
    const reached = new Set(snapshots.flatMap(({ _nodes }) => _nodes.map(({ id }) => id)))
    expect(states.map(({ id }) => id).filter((id) => !reached.has(id))).toEqual([])
  })

  it('takes each of its transitions', () => {
    const taken = new Set(steps.flatMap(({ transitions }) => transitions.map(placeOf)))
    const places = transitionsOf(toDirectedGraph(machine)).map(placeOf)
    expect(places.filter((place) => !taken.has(place))).toEqual([])
  })

  it('hears drain wherever it can be before it has heard it', () => {
    const undrained = explore(machine, (event) => !isDrain(event)).snapshots.filter(isActive)
    expect(undrained.filter((snapshot) => !snapshot.can({ type: 'drain' })).map(keyOf)).toEqual([])
  })

  it('ends once it has heard drain, by nothing more than the ends of its children, whether they fail or not', () => {
    const stuck = (at: AnyMachineSnapshot, hops: number): string[] => {
      if (at.status === 'done') return []
      const on = steps.filter(({ from, event }) => keyOf(from) === keyOf(at) && isEnd(event))
      return on.length === 0 || hops === 0 ? [keyOf(at)] : on.flatMap(({ to }) => stuck(to, hops - 1))
    }
    expect(drained.flatMap((snapshot) => stuck(snapshot, states.length))).toEqual([])
  })

  it('lets its children be when it hears drain again', () => {
    const heard = new Set(drained.map(keyOf))
    const again = steps.filter(({ from, event }) => isDrain(event) && heard.has(keyOf(from)))
    const disturbed = again.filter(({ from, to }) => keyOf(from) !== keyOf(to) || !haveSameChildren(from, to))
    expect(disturbed.map(({ from }) => keyOf(from))).toEqual([])
  })

  it('fails, wherever it is, with what a child fails with that nobody expects', () => {
    const calm = steps.filter(({ event, to }) => isBug(event) && to.status !== 'error')
    expect(calm.map(({ from, event }) => `${keyOf(from)} on ${event.type}`)).toEqual([])
  })
})

function haveSameChildren(one: AnyMachineSnapshot, other: AnyMachineSnapshot): boolean {
  const [before, after] = [one, other].map(({ children }) => children as Readonly<Record<string, AnyActorRef>>)
  return Object.keys({ ...before, ...after }).every((id) => before?.[id] === after?.[id])
}

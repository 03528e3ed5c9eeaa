import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { describe, expect, it } from 'vitest'
import { cameraMachine } from '../../src/machines/camera-machine.ts'
import { csvWriterMachine } from '../../src/machines/csv-writer-machine.ts'
import { inferenceMachine } from '../../src/machines/inference-machine.ts'
import { inspectorMachine } from '../../src/machines/inspector-machine.ts'
import { resourceMachine } from '../../src/machines/resource-machine.ts'
import { uploaderMachine } from '../../src/machines/uploader-machine.ts'

const machines: readonly AnyStateMachine[] = [
  cameraMachine,
  csvWriterMachine,
  inferenceMachine,
  inspectorMachine,
  resourceMachine,
  uploaderMachine,
]

const statesOf = (node: AnyStateNode): AnyStateNode[] =>
  Object.values(node.states).flatMap((state) => [state, ...statesOf(state)])

const nameOf = (state: AnyStateNode): string => state.path.join('.')

const handles = (state: AnyStateNode | undefined, event: string): boolean =>
  state !== undefined && (state.ownEvents.includes(event) || handles(state.parent, event))

const targetsOf = (state: AnyStateNode): AnyStateNode[] =>
  [...state.transitions.values()].flat().flatMap((transition) => transition.target ?? [])

describe.each(machines.map((machine) => [machine.id, machine] as const))('the %s machine', (_, machine) => {
  const states = statesOf(machine.root)

  it('describes each of its states', () => {
    expect(states.filter((state) => !state.description).map(nameOf)).toEqual([])
  })

  it('has a name of its own for each state in which it can be, for people read no more than that', () => {
    const names = states.filter(({ type }) => type === 'atomic' || type === 'final').map(({ key }) => key)
    expect(names.toSorted()).toEqual([...new Set(names)].toSorted())
  })

  it('takes drain in every state, or is draining already', () => {
    const isDraining = (state: AnyStateNode) => /^(draining(Unconnected)?|closing)$/.test(state.key)
    const deaf = states.filter((state) => state.type === 'atomic' && !isDraining(state) && !handles(state, 'drain'))
    expect(deaf.map(nameOf)).toEqual([])
  })

  it('reaches every state from its initial one', () => {
    const reached = new Set<AnyStateNode>()
    const visit = (state: AnyStateNode): void => {
      if (reached.has(state)) return
      reached.add(state)
      for (let outer = state.parent; outer !== undefined && outer !== machine.root; outer = outer.parent) visit(outer)
      for (const target of targetsOf(state)) visit(target)
      if (state.type === 'compound') for (const target of state.initial.target) visit(target)
    }
    visit(machine.root)
    expect(states.filter((state) => !reached.has(state)).map(nameOf)).toEqual([])
  })

  it('can leave every state that is not final', () => {
    const leaves = (state: AnyStateNode | undefined): boolean =>
      state !== undefined && (targetsOf(state).some((target) => target !== state) || leaves(state.parent))
    const dead = states.filter((state) => state.type === 'atomic' && !leaves(state))
    expect(dead.map(nameOf)).toEqual([])
  })
})

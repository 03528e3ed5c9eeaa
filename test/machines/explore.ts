import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine, AnyTransitionDefinition } from 'xstate'
import { adjacencyMapToArray, getAdjacencyMap, type TraversalOptions } from 'xstate/graph'
import { eventsOf } from './every-event.ts'

/** What a machine does, in one snapshot, on one event. */
export interface Step {
  readonly from: AnyMachineSnapshot
  readonly event: AnyEventObject
  readonly to: AnyMachineSnapshot
  readonly transitions: readonly AnyTransitionDefinition[]
}

/** Everywhere a machine can come to by its own transitions, and how; one snapshot for each key. */
export interface Explored {
  readonly snapshots: readonly AnyMachineSnapshot[]
  readonly steps: readonly Step[]
}

/** What the machines are given, all in one. */
const input = {
  cameraId: 'dock-1',
  connectTimeout: 15_000,
  lastFault: () => undefined,
  undecodable: () => 1,
  noPictureAdvice: 'Look',
  server: 'server:22',
  mayHoldRequests: false,
  loadedOnce: false,
  openedOnce: true,
  framesOwed: () => 0,
}

/** Children exist and are never started: what they would tell, and how they would end, is among the events. */
export function explore(bare: AnyStateMachine, follow: (event: AnyEventObject) => boolean = () => true): Explored {
  const delays = Object.keys(bare.implementations.delays).map((name) => [name, 1])
  const machine = bare.provide({ delays: Object.fromEntries(delays) as Record<string, number> })
  const options: TraversalOptions<AnyMachineSnapshot, AnyEventObject, unknown> = {
    input,
    events: eventsOf(machine),
    filterEvents: (_, event) => follow(event),
    serializeState: keyOf,
    stopWhen: ({ status }) => status !== 'active',
    limit: 10_000,
  }
  const graph = getAdjacencyMap<AnyMachineSnapshot, AnyEventObject, unknown>(machine, options)
  return {
    snapshots: (Object.values(graph) as { state: AnyMachineSnapshot }[]).map(({ state }) => state),
    steps: adjacencyMapToArray(graph).map(({ state: from, event, nextState: to }) => ({
      from,
      event,
      to,
      transitions: machine.getTransitionData(from, event),
    })),
  }
}

/** The same for snapshots that differ only in texts, or in how far a counter is from 0: no guard tells those apart, but of tries in vain. */
export const keyOf = ({ status, value, context }: AnyMachineSnapshot): string =>
  JSON.stringify([status, value]) +
  JSON.stringify(context, (key, inner: unknown) =>
    typeof inner === 'number' && key !== 'vainTries' ? Math.sign(inner) : typeof inner === 'string' ? '' : inner,
  )

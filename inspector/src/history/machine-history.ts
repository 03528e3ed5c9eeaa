import { wayOf } from '../../../src/inspection-feed/actor-pictures.ts'
import type { PastState } from '../../../src/inspection-feed/protocol.ts'
import type { Way } from '../../../src/inspection-feed/actor-picture.ts'
import type { EpochMs } from '../../../src/domain/units.ts'
import { type Told, type ToldUntil, wallTime } from './told.ts'

/** A transition that is remembered. */
export interface Transition {
  readonly at: EpochMs
  readonly monotonic: number
  /** When it has left that state or has ended. */
  until: number | undefined
  readonly to: string
  readonly nodes: readonly string[]
  /** What it said last while it was in it. */
  why: string | null
  /** `undefined` where only the state is known to which it has led. */
  readonly way: Way | undefined
}

export interface MachineHistory {
  /** The latest first. */
  readonly transitions: readonly Transition[]
  /** By state: how long it was in it and in what is within it, and how often it came there. */
  readonly spent: ReadonlyMap<string, { readonly ms: number; readonly times: number }>
}

/** What is remembered of one machine up to the moment `monotonic`. */
export function machineHistory(told: Told, path: string, monotonic: number): MachineHistory {
  const transitions = transitionsOf(told, path)
  const spent = new Map<string, { ms: number; times: number }>()
  let before: ReadonlySet<string> = new Set()
  for (const { monotonic: from, until: to = monotonic, nodes } of transitions) {
    const active = withEnclosing(nodes)
    for (const node of active) {
      const known = spent.get(node) ?? { ms: 0, times: 0 }
      spent.set(node, { ms: known.ms + to - from, times: known.times + (before.has(node) ? 0 : 1) })
    }
    before = active
  }
  return { transitions: transitions.reverse(), spent }
}

/** All that are remembered of an actor, the earliest first: the one before the records begin, and theirs. */
function transitionsOf({ before, records }: Told, path: string): Transition[] {
  const transitions: Transition[] = []
  const picture = before.find((each) => each.path === path)
  let open: Transition | undefined
  if (picture !== undefined && picture.state !== '') {
    const { since: at, sinceMonotonic: monotonic, state: to, nodes, why, way, ended } = picture
    open = { at, monotonic, until: ended === null ? undefined : monotonic, to, nodes, why, way }
    transitions.push(open)
  }
  for (const record of records) {
    if (record.path !== path) continue
    const { at, monotonic } = record
    if (open !== undefined && (record.type === 'state.entered' || record.type === 'actor.ended'))
      open.until ??= monotonic
    if (open !== undefined && record.type === 'why.changed') open.why = record.why
    if (record.type !== 'state.entered') continue
    const { to, nodes, why } = record
    open = { at, monotonic, until: undefined, to, nodes, why, way: wayOf(open?.nodes ?? [], record) }
    transitions.push(open)
  }
  return transitions
}

/** As many as the daemon keeps of the present. */
export const mostPastStates = 8

/** The states that a machine was in before its last one, the latest first. */
export function statesBefore(told: ToldUntil, path: string): PastState[] {
  return transitionsOf(told, path)
    .slice(-mostPastStates - 1)
    .map(({ to: state, monotonic, why }, index, latest) => ({
      state,
      since: wallTime(monotonic, told.wallOffset),
      until: wallTime(latest[index + 1]?.monotonic ?? monotonic, told.wallOffset),
      why,
    }))
    .slice(0, -1)
    .reverse()
}

/** `online.open.streaming` is also `online`. */
export function withEnclosing(nodes: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>()
  for (const node of nodes)
    for (let path = node; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('.')))) all.add(path)
  return all
}

/** Whether a statechart's arrow is the way that the machine took last. */
export function isWayTaken(
  { from, to, events }: { readonly from: string; readonly to: string; readonly events: readonly string[] },
  last: Pick<Transition, 'nodes' | 'way'> | undefined,
): boolean {
  if (last?.way === undefined || !events.includes(last.way.event)) return false
  return withEnclosing(last.way.fromNodes).has(from) && withEnclosing(last.nodes).has(to)
}

/** Whether the way that the machine took last is one that it takes from wherever it is. What its states answer themselves comes before that. */
export function isTakenAnywhere(
  { event, targets }: { readonly event: string; readonly targets: readonly string[] },
  last: Pick<Transition, 'nodes' | 'way'> | undefined,
): boolean {
  if (last?.way?.event !== event) return false
  const active = withEnclosing(last.nodes)
  return targets.some((target) => active.has(target))
}

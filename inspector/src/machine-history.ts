import type { PastState } from '../../src/inspection-feed/protocol.ts'
import type { FeedRecord, StateEntered } from '../../src/inspection-feed/record.ts'

export type Entered = Extract<FeedRecord, { readonly type: 'state.entered' }>

export interface MachineHistory {
  /** The latest first. */
  readonly entered: readonly Entered[]
  /** By state: how long it was in it and in what is within it, and how often it came there. */
  readonly spent: ReadonlyMap<string, { readonly ms: number; readonly times: number }>
}

/** What is remembered of one machine up to the moment `monotonic`. */
export function machineHistory(records: readonly FeedRecord[], path: string, monotonic: number): MachineHistory {
  const entered: Entered[] = []
  const ends: { readonly from: number; readonly nodes: readonly string[]; to: number }[] = []
  for (const record of records) {
    if (record.path !== path) continue
    const open = ends.at(-1)
    if (record.type === 'state.entered') {
      if (open !== undefined && open.to === monotonic) open.to = record.monotonic
      entered.push(record)
      ends.push({ from: record.monotonic, nodes: record.nodes, to: monotonic })
    } else if (record.type === 'actor.ended' && open !== undefined && open.to === monotonic) open.to = record.monotonic
  }
  const spent = new Map<string, { ms: number; times: number }>()
  let before: ReadonlySet<string> = new Set()
  for (const { from, to, nodes } of ends) {
    const active = withEnclosing(nodes)
    for (const node of active) {
      const known = spent.get(node) ?? { ms: 0, times: 0 }
      spent.set(node, { ms: known.ms + to - from, times: known.times + (before.has(node) ? 0 : 1) })
    }
    before = active
  }
  return { entered: entered.reverse(), spent }
}

/** As many as the daemon keeps of the present. */
const mostPastStates = 8

/** The states that a machine was in before its last one, as records tell them, the latest first. */
export function statesBefore(records: readonly FeedRecord[], path: string): PastState[] {
  const entered = records.filter((record): record is Entered => record.type === 'state.entered' && record.path === path)
  return entered
    .slice(-mostPastStates - 1)
    .map(({ to: state, at: since, why }, index, latest) => ({
      state,
      since,
      until: latest[index + 1]?.at ?? since,
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
  last: StateEntered | undefined,
  before: StateEntered | undefined,
): boolean {
  if (last === undefined || before === undefined || !events.includes(last.event)) return false
  return withEnclosing(before.nodes).has(from) && withEnclosing(last.nodes).has(to)
}

import { type EpochMs, epochMs, type Milliseconds } from '../domain/units.ts'
import type { ActorNode } from './actor-node.ts'
import type { ActorTally } from './actor-tally.ts'
import { clip } from './clip.ts'
import type { Place } from './places.ts'
import type { ActorView, PastState } from './protocol.ts'
import type { Report } from '../supervision/index.ts'
import {
  isWithoutActor,
  type SupervisedChild,
  type SupervisorState,
  supervisorWords,
  waitsFor,
} from './supervisor-words.ts'

export interface SupervisorNode {
  readonly place: Place
  /** In monotonic time. */
  readonly since: Milliseconds
  /** Live: its children are read when somebody looks. */
  readonly snapshot: SupervisorState
}

export interface Known {
  readonly machines: ReadonlyMap<string, ActorNode>
  readonly supervisors: ReadonlyMap<string, SupervisorNode>
  /** The latest decision about each path. */
  readonly decisions: ReadonlyMap<string, Report>
  readonly tally: Pick<ActorTally, 'of'>
  /** Wall time of monotonic 0, as the clock stands now: so durations stay as long as they are when it is set. */
  readonly wallOffset: number
}

/**
 * Depth first: a supervisor's children in its own order, then what machines have spawned.
 *
 * A machine speaks for itself while an incarnation of it is there; otherwise its supervisor does.
 */
export function viewTree(known: Known): ActorView[] {
  const views: ActorView[] = []
  const unlisted = byParent(known)

  function visit(path: string, child: SupervisedChild | undefined): void {
    const decision = known.decisions.get(path)
    const { restarted, retried } = known.tally.of(path)
    views.push({
      path,
      ...faceOf(known, path, child),
      restartsLeft: known.supervisors.get(path)?.snapshot.restartsLeft ?? child?.restartsLeft ?? null,
      restarts: restarted,
      reconnects: retried,
      lastDecision: decision === undefined ? null : clip(`${words(decision.decision)}: ${decision.reason}`),
    })
    const listed = new Set<string>()
    for (const each of known.supervisors.get(path)?.snapshot.children ?? []) {
      const childPath = `${path}/${each.id}`
      listed.add(childPath)
      visit(childPath, each)
    }
    for (const each of unlisted.get(path) ?? []) if (!listed.has(each)) visit(each, undefined)
  }

  for (const root of unlisted.get(undefined) ?? []) visit(root, undefined)
  return views
}

type Face = Omit<ActorView, 'path' | 'restartsLeft' | 'restarts' | 'reconnects' | 'lastDecision'>

function faceOf({ machines, supervisors, decisions, wallOffset }: Known, path: string, child?: SupervisedChild): Face {
  const wall: Wall = (at) => epochMs(Math.round(wallOffset + at))
  const machine = machines.get(path)
  const supervisor = supervisors.get(path)
  if (child === undefined || !isWithoutActor(child.state)) {
    if (supervisor !== undefined) return ofSupervisor(supervisor, child, wall)
    const isEarlier = machine?.ended === true && (child?.state === 'starting' || child?.state === 'running')
    if (machine !== undefined && !isEarlier) return ofMachine(machine, child, wall)
  }
  const state = child?.state ?? 'running'
  const decision = decisions.get(path)
  return {
    kind: supervisor !== undefined ? 'supervisor' : machine !== undefined ? 'machine' : 'other',
    state,
    description: supervisorWords[state],
    since: wall(child?.since ?? 0),
    why: decision?.reason ?? null,
    nextTryAt: decision?.delay === undefined ? null : wall(decision.at + decision.delay),
    epoch: child?.epoch ?? null,
    mailbox: null,
    before: pastStates(machine, wall),
  }
}

/** The wall time of a moment of monotonic time. */
type Wall = (at: number) => EpochMs

const pastStates = (node: ActorNode | undefined, wall: Wall): PastState[] =>
  (node?.before ?? []).map(({ since, until, ...state }) => ({ ...state, since: wall(since), until: wall(until) }))

const mailboxOf = ({ ended, waiting, mostWaiting }: Place): ActorView['mailbox'] => ({
  ...{ waiting: ended ? 0 : waiting, most: mostWaiting },
})

const ofMachine = (node: ActorNode, child: SupervisedChild | undefined, wall: Wall): Face => ({
  kind: 'machine',
  state: node.state,
  description: node.description,
  since: wall(node.since),
  why: node.why,
  nextTryAt: node.nextTry === null ? null : wall(node.nextTry.at),
  epoch: child?.epoch ?? node.epoch,
  mailbox: mailboxOf(node.place),
  before: pastStates(node, wall),
})

const ofSupervisor = (node: SupervisorNode, child: SupervisedChild | undefined, wall: Wall): Face => ({
  kind: 'supervisor',
  state: node.snapshot.value,
  description: supervisorWords[node.snapshot.value],
  since: wall(node.since),
  why: waitsFor(node.snapshot.value, node.snapshot.children),
  nextTryAt: null,
  epoch: child?.epoch ?? null,
  mailbox: mailboxOf(node.place),
  before: [],
})

/** What is known by itself. An ended actor is kept only where a supervisor lists it, or at the root. */
function byParent({ machines, supervisors }: Known): ReadonlyMap<string | undefined, readonly string[]> {
  const groups = new Map<string | undefined, string[]>()
  const add = (parentPath: string | undefined, path: string): void => {
    const group = groups.get(parentPath)
    if (group === undefined) groups.set(parentPath, [path])
    else group.push(path)
  }
  for (const [path, { place }] of supervisors) add(place.parentPath, path)
  for (const [path, { place, ended }] of machines)
    if (!ended || place.parentPath === undefined) add(place.parentPath, path)
  return groups
}

const words = (name: string): string => name.replaceAll('_', ' ')

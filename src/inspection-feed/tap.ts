import type { Clock } from '../ports/clock.ts'
import { ActorNode, type SnapshotLike, type Transition } from './actor-node.ts'
import { type SupervisorNode, viewTree } from './actor-tree.ts'
import type { Report } from '../supervision/index.ts'
import type { ActorView } from './protocol.ts'
import type { SupervisorState } from './supervisor-words.ts'

/** What is read of XState's inspection events. */
export interface InspectionEventLike {
  readonly type: string
  readonly actorRef: object
  /** `@xstate.snapshot`. A live object: read, never kept by machines' nodes, never stringified. */
  readonly snapshot?: unknown
  /** `@xstate.event` */
  readonly event?: unknown
  readonly sourceRef?: object | undefined
}

export interface Tap {
  /** Give it to `createActor(root, { inspect })`. Never throws, and does the same little work for each event however many actors there are. */
  readonly inspect: (event: InspectionEventLike) => void
  /** Give it the supervisors' report stream. */
  readonly supervisorReport: (report: Report) => void
  /** The tree as it is now: machines and supervised actors, depth first. */
  actors(): ActorView[]
  /** How many actors are remembered, ended ones too. */
  readonly size: number
}

export interface TapOptions {
  readonly clock: Clock
  /** A bug of the tap or of what it read; called outside of the actor system, where it may throw. */
  readonly onFault: (error: unknown) => void
  /** Hears of each machine that comes into another state, as it does; must not throw. */
  readonly onTransition?: (transition: Transition) => void
}

/** Ended actors that no supervisor lists are forgotten when there are this many. */
const endedLimit = 1_000
/** Paths whose latest decision is remembered; the one longest without a decision goes first. */
const decisionLimit = 20_000
/** A wall clock that is off by less than this has not been set. */
const offsetJitter = 50

/**
 * Knows each actor by its path, ids from the root down (session ids count over the whole process and mean nothing to people).
 *
 * Promises and observables that machines invoke are not shown: the machine's state says what it is doing.
 */
export function createTap({ clock, onFault, onTransition = () => undefined }: TapOptions): Tap {
  const places = new WeakMap<object, Place>()
  const machines = new Map<string, ActorNode>()
  const supervisors = new Map<string, SupervisorNode>()
  const decisions = new Map<string, Report>()
  let births = 0
  let ended = 0
  let offset = NaN

  /** Wall time of monotonic 0; kept while the two clocks only jitter, so that a view changes when its actor does. */
  function steadyOffset(): number {
    const now = clock.now() - clock.monotonic()
    if (!(Math.abs(now - offset) < offsetJitter)) offset = now
    return offset
  }

  function placeOf(ref: object): Place {
    const known = places.get(ref)
    if (known !== undefined) return known
    const { id, _parent: parent } = ref as RefLike
    const parentPath = parent === undefined ? undefined : placeOf(parent).path
    // The root is the one actor that may be left unnamed.
    const path = parentPath === undefined ? (id.startsWith('x:') ? 'root' : id) : `${parentPath}/${id}`
    const place: Place = { path, parentPath, birth: ++births, kind: undefined }
    places.set(ref, place)
    return place
  }

  function seeSnapshot(ref: object, snapshot: SnapshotLike): void {
    const place = placeOf(ref)
    place.kind ??= kindOf(snapshot)
    if (place.kind === 'supervisor') seeSupervisor(place, snapshot as unknown as SupervisorState)
    else if (place.kind === 'machine') seeMachine(place, snapshot)
  }

  function seeSupervisor(place: Place, snapshot: SupervisorState): void {
    const node = supervisors.get(place.path)
    // A late word of an earlier incarnation: it says `done` to its parent, which starts the next, before we hear of it.
    if (node !== undefined && node.birth > place.birth) return
    const isSame = node !== undefined && node.birth === place.birth && node.snapshot.value === snapshot.value
    const since = isSame ? node.since : clock.now()
    supervisors.set(place.path, { birth: place.birth, parentPath: place.parentPath, since, snapshot })
  }

  function seeMachine(place: Place, snapshot: SnapshotLike): void {
    const now = clock.now()
    let node = machines.get(place.path)
    if (node === undefined) {
      node = new ActorNode(place.path, place.parentPath, place.birth, now, onTransition)
      machines.set(place.path, node)
    }
    if (node.birth > place.birth) return
    if (node.birth < place.birth) node.begin(place.birth, now)
    const before = node.ended
    node.see(snapshot, now)
    if (node.ended && !before) forgetEnded()
  }

  /** An actor that throws sends no snapshot; its parent is told, and so are we. A supervisor's report comes first: by then the next incarnation may be there. */
  function seeFailure(node: ActorNode | undefined, error: unknown): void {
    if (node === undefined || node.ended) return
    node.crashed(error, clock.now())
    forgetEnded()
  }

  function forgetEnded(): void {
    if (++ended < endedLimit) return
    ended = 0
    const listed = new Set<string>()
    for (const [path, { snapshot }] of supervisors) for (const { id } of snapshot.children) listed.add(`${path}/${id}`)
    for (const [path, node] of machines) if (node.ended && !listed.has(path)) machines.delete(path)
    for (const [path, { snapshot, parentPath }] of supervisors)
      if (snapshot.value === 'ended' && parentPath !== undefined && !listed.has(path)) supervisors.delete(path)
  }

  const guarded =
    <Argument>(work: (argument: Argument) => void) =>
    (argument: Argument): void => {
      try {
        work(argument)
      } catch (error) {
        // An inspector that throws would break the `send` that it watches.
        queueMicrotask(() => onFault(error))
      }
    }

  return {
    inspect: guarded((event: InspectionEventLike) => {
      if (event.type === '@xstate.snapshot') seeSnapshot(event.actorRef, event.snapshot as SnapshotLike)
      else if (event.type === '@xstate.actor') placeOf(event.actorRef)
      else if (event.type === '@xstate.event' && event.sourceRef !== undefined) {
        const { type, error } = event.event as { readonly type: string; readonly error?: unknown }
        if (!type.startsWith('xstate.error.actor.')) return
        const place = places.get(event.sourceRef)
        const node = place && machines.get(place.path)
        if (node?.birth === place?.birth) seeFailure(node, error)
      }
    }),
    supervisorReport: guarded((report: Report) => {
      const { path, cause } = report
      if (cause.type === 'exit' && cause.reason.type === 'error' && path.endsWith(`/${cause.of}`))
        seeFailure(machines.get(path), cause.reason.error)
      decisions.delete(report.path)
      decisions.set(report.path, report)
      if (decisions.size > decisionLimit) for (const oldest of decisions.keys()) return void decisions.delete(oldest)
    }),
    actors: () => viewTree({ machines, supervisors, decisions, wallOffset: steadyOffset() }),
    get size() {
      return machines.size + supervisors.size
    },
  }
}

interface Place {
  readonly path: string
  readonly parentPath: string | undefined
  readonly birth: number
  kind: 'supervisor' | 'machine' | 'hidden' | undefined
}

interface RefLike {
  readonly id: string
  readonly _parent?: object
}

function kindOf(snapshot: SnapshotLike & { readonly children?: unknown }): Place['kind'] {
  if (snapshot.machine !== undefined) return 'machine'
  return Array.isArray(snapshot.children) ? 'supervisor' : 'hidden'
}

import { epochMs, milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import { ActorNode, type SnapshotLike } from './actor-node.ts'
import { ActorTally } from './actor-tally.ts'
import { type SupervisorNode, viewTree } from './actor-tree.ts'
import type { MachineLike } from './chart.ts'
import { clip, errorText } from './clip.ts'
import { eventDetail, isSilent } from './event-detail.ts'
import type { Report } from '../supervision/index.ts'
import type { ActorView } from './protocol.ts'
import { isNextTry } from './next-try.ts'
import { type Place, Places } from './places.ts'
import type { ActorEnded } from './record.ts'
import type { RecordSink } from './recorder.ts'
import { steadyOffset } from './steady-offset.ts'
import type { SupervisorState } from './supervisor-words.ts'

/** What is read of XState's inspection events. */
export interface InspectionEventLike {
  readonly type: string
  readonly actorRef: object
  /** `@xstate.snapshot`. A live object: read, never kept by machines' nodes, never stringified. */
  readonly snapshot?: unknown
  /** `@xstate.event`; and of `@xstate.snapshot`, what led to it. */
  readonly event?: unknown
  readonly sourceRef?: object | undefined
  /** `@xstate.action`. */
  readonly action?: { readonly type: string; readonly params?: unknown }
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
  /** Counts what is told of each actor; nothing is counted where absent. */
  readonly tally?: Pick<ActorTally, 'of'>
  /** Hears what happens, as it does; must not throw. */
  readonly onRecord?: RecordSink
  /** Hears of each machine as the first snapshot of each actor of it is seen; must not throw. */
  readonly onMachine?: (machine: MachineLike) => void
}

/** Ended actors that no supervisor lists are forgotten when there are this many. */
const endedLimit = 1_000
/** Paths whose latest decision is remembered; the one longest without a decision goes first. */
const decisionLimit = 20_000
/** The tree is looked at again after this long, whether anything has happened or not; milliseconds. */
const sameFor = 1_000
/** What a supervisor says to a child that it stops. */
const tellsOfStop: ReadonlySet<string> = new Set(['drain', 'stop.extend', 'stop.hurry'])

/**
 * Knows each actor by its path, ids from the root down (session ids count over the whole process and mean nothing to people).
 *
 * Promises and observables that machines invoke are not shown: the machine's state says what it is doing.
 */
export function createTap({
  clock,
  onFault,
  tally = new ActorTally(),
  onRecord = () => undefined,
  onMachine = () => undefined,
}: TapOptions): Tap {
  const machines = new Map<string, ActorNode>()
  const supervisors = new Map<string, SupervisorNode>()
  const decisions = new Map<string, Report>()
  // A supervisor says that it starts a child, and which life that is, before the child is made.
  const places = new Places((path) => decisions.get(path)?.epoch)
  let ended = 0
  const offset = steadyOffset(clock)

  function seeSnapshot(ref: object, snapshot: SnapshotLike, event: string): void {
    const place = places.of(ref)
    // One follows on each event that was handled, and on the word to stop, which is told to nobody.
    place.waiting = Math.max(0, place.waiting - 1)
    if (place.kind === undefined) {
      place.kind = kindOf(snapshot)
      if (snapshot.machine !== undefined) onMachine(snapshot.machine as MachineLike)
      onRecord(place, { type: 'actor.started', kind: place.kind, machine: machineId(snapshot) })
    }
    if (place.kind === 'supervisor') seeSupervisor(place, snapshot as unknown as SupervisorState, event)
    else if (place.kind === 'machine') seeMachine(place, snapshot, event)
    const { status, error } = snapshot
    if (status === 'error') end(place, 'failed', errorText(error))
    else if (status !== 'active') end(place, status === 'done' ? 'done' : 'stopped', null)
  }

  function end(place: Place, how: ActorEnded['how'], why: string | null): void {
    if (place.ended) return
    place.ended = true
    onRecord(place, { type: 'actor.ended', how, why })
  }

  function seeSupervisor(place: Place, snapshot: SupervisorState, event: string): void {
    const node = supervisors.get(place.path)
    // A late word of an earlier incarnation: it says `done` to its parent, which starts the next, before we hear of it.
    if (node !== undefined && node.place.birth > place.birth) return
    const isSameLife = node?.place.birth === place.birth
    const isSame = isSameLife && node?.snapshot.value === snapshot.value
    supervisors.set(place.path, { place, since: isSame ? node.since : clock.monotonic(), snapshot })
    if (isSame) return
    const from = isSameLife ? (node?.snapshot.value ?? null) : null
    onRecord(place, { type: 'state.entered', from, to: snapshot.value, nodes: [], event, why: null })
  }

  function seeMachine(place: Place, snapshot: SnapshotLike, event: string): void {
    const now = clock.monotonic()
    let node = machines.get(place.path)
    if (node === undefined) {
      node = new ActorNode(place, now, onRecord)
      machines.set(place.path, node)
    }
    if (node.place.birth > place.birth) return
    if (node.place.birth < place.birth) node.begin(place, now)
    const before = node.ended
    node.see(snapshot, event, now)
    if (node.ended && !before) forgetEnded()
  }

  /** An actor that throws sends no snapshot; its parent is told, and so are we. A supervisor's report comes first: by then the next incarnation may be there. */
  function seeFailure(node: ActorNode | undefined, error: unknown, event: string): void {
    if (node === undefined || node.ended) return
    node.crashed(error, event, clock.monotonic())
    end(node.place, 'failed', errorText(error))
    forgetEnded()
  }

  function seeEvent(ref: object, source: object | undefined, event: EventLike): void {
    const { type } = event
    const from = source && places.known(source)
    if (from !== undefined && type.startsWith('xstate.error.actor.')) {
      const node = machines.get(from.path)
      if (node?.place.birth === from.birth) seeFailure(node, event.error, type)
      else if (from.kind === 'supervisor') end(from, 'failed', errorText(event.error))
    }
    const place = places.of(ref)
    if (!place.ended) place.mostWaiting = Math.max(place.mostWaiting, ++place.waiting)
    // What a promise or a stream says to itself is its own business.
    if (isSilent(type) || (place.kind === 'other' && (from === undefined || from === place))) return
    const sender = from?.path ?? (tellsOfStop.has(type) ? supervisorOf(place) : null)
    onRecord(place, { type: 'event.received', source: sender, event: type, detail: eventDetail(event) })
  }

  /** XState does not tell when a supervisor sends; no other tells its children to drain, or how long they have. */
  function supervisorOf({ parentPath }: Place): string | null {
    return parentPath !== undefined && supervisors.has(parentPath) ? parentPath : null
  }

  /** A delay that begins is an event that a machine raises for later; those before another try are called so. */
  function seeAction(ref: object, type: string, params: unknown): void {
    if (type !== 'xstate.raise') return
    const { event, delay } = params as RaisedLike
    if (typeof delay === 'number' && isNextTry(event.type))
      places.of(ref).nextTry = {
        at: milliseconds(clock.monotonic() + delay),
        wall: epochMs(Math.round(clock.now() + delay)),
      }
  }

  function forgetEnded(): void {
    if (++ended < endedLimit) return
    ended = 0
    const listed = new Set<string>()
    for (const [path, { snapshot }] of supervisors) for (const { id } of snapshot.children) listed.add(`${path}/${id}`)
    for (const [path, node] of machines) if (node.ended && !listed.has(path)) machines.delete(path)
    for (const [path, { snapshot, place }] of supervisors)
      if (snapshot.value === 'ended' && place.parentPath !== undefined && !listed.has(path)) supervisors.delete(path)
  }

  /** Whether anything has happened since the tree was looked at. */
  let isStale = true
  let seen: { readonly views: ActorView[]; readonly at: number; readonly wallOffset: number } = {
    ...{ views: [], at: 0, wallOffset: NaN },
  }

  /** The same list again while nothing has happened and the wall clock was not set, for a second at most. */
  function actors(): ActorView[] {
    const at = clock.monotonic()
    const wallOffset = offset()
    if (isStale || wallOffset !== seen.wallOffset || at - seen.at >= sameFor)
      seen = { views: viewTree({ machines, supervisors, decisions, tally, wallOffset }), at, wallOffset }
    isStale = false
    return seen.views
  }

  const guarded =
    <Argument>(work: (argument: Argument) => void) =>
    (argument: Argument): void => {
      isStale = true
      try {
        work(argument)
      } catch (error) {
        // An inspector that throws would break the `send` that it watches.
        queueMicrotask(() => onFault(error))
      }
    }

  return {
    inspect: guarded(({ type, actorRef, snapshot, event, sourceRef, action }: InspectionEventLike) => {
      if (type === '@xstate.snapshot')
        seeSnapshot(actorRef, snapshot as SnapshotLike, (event as EventLike | undefined)?.type ?? 'unknown')
      else if (type === '@xstate.actor') places.of(actorRef)
      else if (type === '@xstate.action' && action !== undefined) seeAction(actorRef, action.type, action.params)
      else if (type === '@xstate.event') seeEvent(actorRef, sourceRef, event as EventLike)
    }),
    supervisorReport: guarded((report: Report) => {
      const { path, epoch, cause, decision, restartsLeft, reason, delay } = report
      if (cause.type === 'exit' && cause.reason.type === 'error' && path.endsWith(`/${cause.of}`))
        seeFailure(machines.get(path), cause.reason.error, 'exit')
      const about = { path, epoch: epoch === 0 ? (supervisors.get(path)?.place.epoch ?? null) : epoch }
      const decided = {
        type: 'supervisor.decided',
        decision,
        cause: cause.type,
        restartsLeft,
        reason: clip(reason),
      } as const
      const wait = delay !== undefined && { nextTryAt: epochMs(Math.round(clock.now() + delay)) }
      onRecord(about, { ...decided, ...wait })
      decisions.delete(report.path)
      decisions.set(report.path, report)
      if (decisions.size > decisionLimit) for (const oldest of decisions.keys()) return void decisions.delete(oldest)
    }),
    actors,
    get size() {
      return machines.size + supervisors.size
    },
  }
}

interface RaisedLike {
  readonly event: { readonly type: string }
  readonly delay?: number
}

interface EventLike {
  readonly type: string
  /** Of `xstate.error.*`. */
  readonly error?: unknown
}

function kindOf(snapshot: SnapshotLike & { readonly children?: unknown }): 'supervisor' | 'machine' | 'other' {
  if (snapshot.machine !== undefined) return 'machine'
  return Array.isArray(snapshot.children) ? 'supervisor' : 'other'
}

const machineId = ({ machine }: SnapshotLike): string | null =>
  machine === undefined ? null : (machine as { readonly id: string }).id

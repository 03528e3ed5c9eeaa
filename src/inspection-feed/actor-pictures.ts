import { milliseconds } from '../domain/units.ts'
import type { ActorPicture, Way } from './actor-picture.ts'
import type { Facts, FactsChange, FeedRecord, StateEntered } from './record.ts'
import { deadlineAfter } from './stop-deadline.ts'

/** Ended actors beyond this many pictures are forgotten, the oldest first. */
const pictureLimit = 20_000

/** What the records so far say of each actor. The same records give the same pictures, in the daemon and in the page. */
export class ActorPictures {
  readonly #byPath = new Map<string, ActorPicture>()

  constructor(pictures: Iterable<ActorPicture> = []) {
    for (const picture of pictures) this.#byPath.set(picture.path, picture)
  }

  get(path: string): ActorPicture | undefined {
    return this.#byPath.get(path)
  }

  /** In the order in which they were first heard of. */
  all(): ActorPicture[] {
    return [...this.#byPath.values()]
  }

  apply(record: FeedRecord): void {
    if (saysNothingOfActors.has(record.type)) return
    if (record.type === 'supervisor.decided' && record.decision === 'forget') return this.#forget(record.path)
    const before = this.#byPath.get(record.path)
    if (before === undefined && (record.type === 'event.received' || record.type === 'why.changed')) return
    // The end of an earlier life may be told after the next has begun.
    if (before !== undefined && isOlder(record, before) && record.type !== 'supervisor.decided') return
    const after = next(before ?? unknownActor(record), record)
    const isForgotten = after.ended !== null && after.decision === null && after.path.includes('/')
    if (isForgotten) this.#byPath.delete(record.path)
    else this.#byPath.set(record.path, after)
    if (this.#byPath.size > pictureLimit) this.#forgetOldest()
  }

  /** It was taken out of the plant, and what is below it. */
  #forget(path: string): void {
    for (const each of this.#byPath.keys()) if (each === path || each.startsWith(`${path}/`)) this.#byPath.delete(each)
  }

  #forgetOldest(): void {
    for (const [path, { ended }] of this.#byPath) if (ended !== null) return void this.#byPath.delete(path)
  }
}

const saysNothingOfActors: ReadonlySet<FeedRecord['type']> = new Set([
  'operator.asked',
  'simulation.step',
  'invariant.violated',
])

const isOlder = (record: FeedRecord, { epoch }: ActorPicture): boolean =>
  record.epoch !== null && epoch !== null && record.epoch < epoch

function next(before: ActorPicture, record: FeedRecord): ActorPicture {
  const { at, monotonic, epoch } = record
  switch (record.type) {
    case 'actor.started':
      return { ...withoutDeadline(before), epoch, kind: record.kind, machine: record.machine, ended: null }
    case 'actor.ended':
      return { ...withoutDeadline(withoutNextTry(before)), epoch, ended: record.how, why: record.why ?? before.why }
    case 'state.entered':
      return {
        ...withoutNextTry(before),
        ...(record.nextTryAt !== undefined && { nextTryAt: record.nextTryAt }),
        epoch,
        state: record.to,
        nodes: record.nodes,
        way: wayOf(before.nodes, record),
        why: record.why,
        since: at,
        sinceMonotonic: monotonic,
      }
    case 'why.changed':
      return { ...before, why: record.why }
    case 'supervisor.decided': {
      const { type, decision, cause, restartsLeft, reason, nextTryAt } = record
      const next = nextTryAt !== undefined && {
        ...{ nextTryAt, nextTryMonotonic: milliseconds(monotonic + nextTryAt - at) },
      }
      return { ...before, restartsLeft, decision: { type, decision, cause, restartsLeft, reason, ...next } }
    }
    case 'gauges.read':
      return {
        ...before,
        gauges: record.values,
        // Time gives a budget back, and nothing is decided then. A supervisor's gauge is of its own budget.
        ...(before.kind !== 'supervisor' && { restartsLeft: record.values['restartsLeft'] ?? before.restartsLeft }),
        ...(record.facts && { facts: changedFacts(before.facts, record.facts) }),
      }
    case 'event.received': {
      const deadline = deadlineAfter(before.deadline, record)
      return deadline === before.deadline ? before : { ...before, ...(deadline && { deadline }) }
    }
    case 'operator.asked':
    case 'simulation.step':
    case 'invariant.violated':
      return before
  }
}

/** A life that begins comes from nowhere, whatever the one before was in. */
export const wayOf = (nodes: readonly string[], { from, event }: StateEntered): Way => ({
  ...{ from, fromNodes: from === null ? [] : nodes, event },
})

function withoutNextTry(picture: ActorPicture): ActorPicture {
  if (picture.nextTryAt === undefined) return picture
  const { nextTryAt: _, ...rest } = picture
  return rest
}

function withoutDeadline(picture: ActorPicture): ActorPicture {
  if (picture.deadline === undefined) return picture
  const { deadline: _, ...rest } = picture
  return rest
}

function changedFacts(before: Facts | undefined, change: FactsChange): Facts {
  const facts: Record<string, Facts[string]> = { ...before }
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete facts[name]
    else facts[name] = value
  }
  return facts
}

const unknownActor = ({ path, epoch, at, monotonic }: FeedRecord): ActorPicture => ({
  path,
  epoch,
  kind: 'other',
  machine: null,
  state: '',
  nodes: [],
  why: null,
  since: at,
  sinceMonotonic: monotonic,
  ended: null,
  restartsLeft: null,
  decision: null,
  gauges: {},
})

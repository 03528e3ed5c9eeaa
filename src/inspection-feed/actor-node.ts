import type { Milliseconds } from '../domain/units.ts'
import { clip, errorText } from './clip.ts'
import type { PastState } from './protocol.ts'
import type { NextTry, Place } from './places.ts'
import type { StateEntered, WhyChanged } from './record.ts'
import { activeNodes, type StateNodeLike, type StateValue, stateDescription, stateName } from './state-name.ts'

/** How many earlier states of an actor are kept. */
const pastStates = 8

/** What is read of an XState snapshot; every other field of it is left alone. */
export interface SnapshotLike {
  readonly status: string
  readonly error?: unknown
  /** A machine's. */
  readonly machine?: unknown
  readonly value?: StateValue
  readonly _nodes?: readonly StateNodeLike[]
  readonly context?: unknown
}

/** A state that is over, in monotonic time. */
export interface EarlierState extends Pick<PastState, 'state' | 'why'> {
  readonly since: Milliseconds
  readonly until: Milliseconds
}

/** What is remembered of a machine from its snapshots, over all its incarnations; all of it plain text and numbers. Moments are monotonic: the wall clock may be set while a state lasts. */
export class ActorNode {
  state = ''
  description: string | null = null
  why: string | null = null
  nextTry: NextTry | null = null
  since: Milliseconds
  epoch: number | null = null
  ended = false
  before: readonly EarlierState[] = []
  #value: StateValue | undefined

  constructor(
    public place: Place,
    at: Milliseconds,
    private readonly onRecord: (place: Place, body: StateEntered | WhyChanged) => void,
  ) {
    this.since = at
  }

  /** A new incarnation takes the place; what it was before is history. */
  begin(place: Place, at: Milliseconds): void {
    this.place = place
    this.ended = false
    this.#value = undefined
    this.#leave(at)
  }

  /** Reads the state and the allow-listed fields of the context, `why` and `epoch`, after an event of the type `event`. */
  see(snapshot: SnapshotLike, event: string, at: Milliseconds): void {
    if (snapshot.status === 'error') return this.crashed(snapshot.error, event, at)
    const nodes = snapshot._nodes ?? []
    const { value, context } = snapshot
    // An event without a transition leaves the value as it is, so this is one comparison for most events.
    const moved = value !== undefined && value !== this.#value
    const why = textOf(context, 'why') ?? this.why
    if (moved || this.place.nextTry !== undefined) this.nextTry = this.place.nextTry ?? null
    this.place.nextTry = undefined
    const isEntered =
      moved && this.#enter({ state: stateName(value), description: stateDescription(nodes), why, event, nodes }, at)
    if (moved) this.#value = value
    if (!isEntered && why !== this.why) this.onRecord(this.place, { type: 'why.changed', why })
    this.why = why
    this.epoch = numberOf(context, 'epoch') ?? this.epoch
    if (snapshot.status === 'stopped') {
      this.nextTry = null
      this.#enter(
        { state: 'cut off', description: 'Was stopped before it had ended by itself.', why, event, nodes: [] },
        at,
      )
    }
    if (snapshot.status !== 'active') this.ended = true
  }

  crashed(error: unknown, event: string, at: Milliseconds): void {
    const why = errorText(error)
    this.nextTry = null
    this.#enter(
      { state: 'crashed', description: 'Failed by a bug; its supervisor decides.', why, event, nodes: [] },
      at,
    )
    this.why = why
    this.ended = true
  }

  /** False where it is called as before: that is no record. */
  #enter({ state, description, why, event, nodes }: Entering, at: Milliseconds): boolean {
    this.description = description
    if (state === this.state) return false
    const from = this.state === '' ? null : this.state
    this.#leave(at)
    this.state = state
    this.since = at
    const { nextTry } = this
    this.onRecord(this.place, {
      ...{ type: 'state.entered', from, to: state, nodes: activeNodes(nodes), event, why },
      ...(nextTry !== null && { nextTryAt: nextTry.wall }),
    })
    return true
  }

  #leave(at: Milliseconds): void {
    if (this.state === '') return
    const past = { state: this.state, since: this.since, until: at, why: this.why }
    this.before = [past, ...this.before].slice(0, pastStates)
    this.state = ''
  }
}

interface Entering extends Pick<ActorNode, 'state' | 'description' | 'why'> {
  readonly event: string
  readonly nodes: readonly StateNodeLike[]
}

function textOf(context: unknown, key: 'why'): string | undefined {
  const value = fieldOf(context, key)
  return typeof value === 'string' ? clip(value) : undefined
}

function numberOf(context: unknown, key: 'epoch'): number | undefined {
  const value = fieldOf(context, key)
  return typeof value === 'number' ? value : undefined
}

const fieldOf = (context: unknown, key: string): unknown =>
  typeof context === 'object' && context !== null ? (context as Record<string, unknown>)[key] : undefined

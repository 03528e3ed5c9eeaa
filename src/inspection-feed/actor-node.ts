import type { EpochMs } from '../domain/units.ts'
import type { PastState } from './protocol.ts'
import { type StateNodeLike, type StateValue, stateDescription, stateName } from './state-name.ts'

/** How many earlier states of an actor are kept. */
const pastStates = 8
/** A reason longer than this is cut: the feed's size is bounded by the number of actors. */
const longestText = 500

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

/** A machine has come into another state. */
export interface Transition {
  readonly path: string
  /** `undefined`: it has begun. */
  readonly from: string | undefined
  readonly state: string
  readonly why: string | null
}

/** What is remembered of a machine from its snapshots, over all its incarnations; all of it plain text and numbers. */
export class ActorNode {
  state = ''
  description: string | null = null
  why: string | null = null
  since: EpochMs
  epoch: number | null = null
  ended = false
  before: readonly PastState[] = []
  #value: StateValue | undefined

  constructor(
    readonly path: string,
    readonly parentPath: string | undefined,
    /** Which incarnation it is: counts the actors of the whole system as they are made. */
    public birth: number,
    at: EpochMs,
    private readonly onEnter: (transition: Transition) => void,
  ) {
    this.since = at
  }

  /** A new incarnation takes the place; what it was before is history. */
  begin(birth: number, at: EpochMs): void {
    this.birth = birth
    this.ended = false
    this.#value = undefined
    this.#leave(at)
  }

  /** Reads the state and the allow-listed fields of the context, `why` and `epoch`. */
  see(snapshot: SnapshotLike, at: EpochMs): void {
    if (snapshot.status === 'error') return this.crashed(snapshot.error, at)
    const { value, context } = snapshot
    // An event without a transition leaves the value as it is, so this is one comparison for most events.
    const moved = value !== undefined && value !== this.#value
    const why = textOf(context, 'why') ?? this.why
    if (moved) {
      this.#value = value
      this.#enter(stateName(value), stateDescription(snapshot._nodes ?? []), why, at)
    }
    this.why = why
    this.epoch = numberOf(context, 'epoch') ?? this.epoch
    if (snapshot.status === 'stopped') this.#enter('cut off', 'Was stopped before it had ended by itself.', why, at)
    if (snapshot.status !== 'active') this.ended = true
  }

  crashed(error: unknown, at: EpochMs): void {
    const why = clip(error instanceof Error ? `${error.name}: ${error.message}` : 'it threw something that is no error')
    this.#enter('crashed', 'Failed by a bug; its supervisor decides.', why, at)
    this.why = why
    this.ended = true
  }

  #enter(state: string, description: string | null, why: string | null, at: EpochMs): void {
    this.description = description
    if (state === this.state) return
    const from = this.state === '' ? undefined : this.state
    this.#leave(at)
    this.state = state
    this.since = at
    this.onEnter({ path: this.path, from, state, why })
  }

  #leave(at: EpochMs): void {
    if (this.state === '') return
    const past = { state: this.state, since: this.since, until: at, why: this.why }
    this.before = [past, ...this.before].slice(0, pastStates)
    this.state = ''
  }
}

export const clip = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text)

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

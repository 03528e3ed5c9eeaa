import type { EpochMs } from '../domain/units.ts'
import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { Clock, TimerHandle } from '../ports/clock.ts'
import { changesBetween, fingerprint, type Fingerprinted } from './state-delta.ts'
import type { FeedRecord } from './record.ts'
import type { RecordRing } from './record-ring.ts'
import type { DaemonState, FeedSnapshot, SnapshotCause } from './protocol.ts'

/** One message of the feed, made into text once for all clients. */
export interface FeedText {
  readonly sequence: number
  readonly text: string
}

export interface FeedListener {
  /** Called in order of sequence; must not wait. */
  message(message: FeedText): void
  /** The state could not be put together: a bug. The feed says nothing more. */
  failed(error: unknown): void
}

/** Where a client that has lost its connection wants to go on. */
export interface ResumePoint {
  /** `startedAt` of the daemon that it had listened to: sequences of another start mean nothing. */
  readonly startedAt: EpochMs
  /** Of the last message it had. */
  readonly sequence: number
}

export interface Feed {
  /**
   * Calls `listener` at once with a snapshot, or with the deltas that it has missed since `resume`; from then on with each delta.
   * Returns the way to end it.
   */
  subscribe(listener: FeedListener, resume?: ResumePoint): () => void
  /** The state as of the latest message, for a client that has lost its place. */
  snapshot(cause: SnapshotCause): FeedText
  /** Tells at once all that has happened by now: its last word before those who listen are let go. */
  flush(): void
}

export interface FeedOptions {
  readonly state: () => DaemonState
  readonly clock: Clock
  readonly ring: Pick<RecordRing, 'last' | 'after'>
  /** How often it looks for changes while somebody listens. Default 100 ms. */
  readonly every?: Milliseconds
  /** It is never silent for longer. Default 1 s. */
  readonly heartbeat?: Milliseconds
}

/** Deltas kept for clients that come back, by number and by length of text. */
const keptMessages = 200
const keptCharacters = 1_000_000
/** Records in one message; more wait for the next. */
const recordsAtOnce = 1_000

/** The daemon's state, ten times a second, as what changed, and what has happened. Nothing is computed while nobody listens. */
export function createFeed({
  state,
  clock,
  ring,
  every = milliseconds(100),
  heartbeat = seconds(1),
}: FeedOptions): Feed {
  const listeners = new Set<FeedListener>()
  const kept: FeedText[] = []
  let keptLength = 0
  let sequence = 0
  let latest: Fingerprinted | undefined
  /** Of the latest record that was told. */
  let told = ring.last
  let spokeAt = clock.monotonic()
  let timer: TimerHandle
  /** When it looks next. */
  let due = 0

  /** Brings the latest state up to now, and says so if it changed or if it is time for a sign of life. */
  function look(): void {
    const now = state()
    const before = latest
    latest = { state: now, parts: fingerprint(now, before) }
    if (before === undefined) {
      sequence = 1
      told = ring.last
      return
    }
    const changes = changesBetween(before, latest)
    const records = takeRecords()
    if (changes.size === 0 && records.length === 0 && clock.monotonic() - spokeAt < heartbeat) return
    // A `FeedDelta`, put together from texts that are there already.
    let text = `{"type":"delta","sequence":${++sequence},"at":${now.at}`
    for (const [key, part] of changes) text += `,"${key}":${part}`
    if (records.length > 0) text += `,"records":${JSON.stringify(records)}`
    keep({ sequence, text: `${text}}` })
  }

  /** While nobody listens they are not told one by one: whoever comes reads them from the ring. */
  function takeRecords(): readonly FeedRecord[] {
    if (listeners.size === 0) told = Math.max(told, ring.last - recordsAtOnce)
    const records = ring.after(told, recordsAtOnce)
    told = records.at(-1)?.sequence ?? told
    return records
  }

  function keep(message: FeedText): void {
    kept.push(message)
    keptLength += message.text.length
    while (kept.length > keptMessages || keptLength > keptCharacters) keptLength -= kept.shift()?.text.length ?? 0
    spokeAt = clock.monotonic()
    for (const listener of listeners) listener.message(message)
  }

  function tick(): void {
    timer = undefined
    tell()
    schedule(due + every)
  }

  function flush(): void {
    do tell()
    while (listeners.size > 0 && told < ring.last)
  }

  /** Looks, for those who listen; a bug leaves nobody. */
  function tell(): void {
    if (listeners.size === 0) return
    try {
      look()
    } catch (error) {
      const told = [...listeners]
      listeners.clear()
      for (const listener of told) listener.failed(error)
    }
  }

  /** One look that comes late does not put off those after it, unless it is later than the next. */
  function schedule(at = clock.monotonic() + every): void {
    if (listeners.size === 0 || timer !== undefined) return
    const now = clock.monotonic()
    due = at > now ? at : now + every
    timer = clock.setTimeout(tick, milliseconds(due - now))
  }

  function snapshot(cause: SnapshotCause): FeedText {
    if (latest === undefined) look()
    const message: FeedSnapshot = {
      type: 'snapshot',
      sequence,
      cause,
      state: latest?.state ?? state(),
      recordsUntil: told,
    }
    return { sequence, text: JSON.stringify(message) }
  }

  /** The messages after `resume`, or undefined where one of them is no longer kept. */
  function missed(resume: ResumePoint, startedAt: EpochMs): readonly FeedText[] | undefined {
    if (resume.startedAt !== startedAt) return undefined
    if (resume.sequence === sequence) return []
    const first = kept.findIndex((message) => message.sequence === resume.sequence + 1)
    return first === -1 ? undefined : kept.slice(first)
  }

  return {
    subscribe(listener, resume) {
      look()
      const startedAt = latest?.state.startedAt
      const messages = resume === undefined || startedAt === undefined ? undefined : missed(resume, startedAt)
      if (messages === undefined) listener.message(snapshot(resume === undefined ? 'began' : 'lost-place'))
      else for (const message of messages) listener.message(message)
      listeners.add(listener)
      schedule()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || timer === undefined) return
        clock.clearTimeout(timer)
        timer = undefined
      }
    },
    snapshot,
    flush,
  }
}

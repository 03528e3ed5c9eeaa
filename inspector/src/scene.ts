import type { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import type { DaemonState } from '../../src/inspection-feed/protocol.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import type { History } from './history.ts'
import { pastState } from './past-state.ts'

/** One moment, as every view shows it. */
export interface Scene {
  readonly state: DaemonState
  readonly pictures: ActorPictures
  /** What has happened up to this moment. */
  readonly records: readonly FeedRecord[]
  /** Wall time, for ages. */
  readonly now: number
  /** The same moment on the records' steady clock. */
  readonly monotonic: number
  readonly isPast: boolean
}

/** The present: the daemon's own words for it, beside what its records say. */
export function presentScene(history: History, live: DaemonState, now: number): Scene {
  const { last } = history
  const monotonic = last === undefined ? 0 : last.monotonic + Math.max(0, now - last.at)
  return { state: live, pictures: history.latest, records: history.records, now, monotonic, isPast: false }
}

/** A moment of the past, or the end of a recording. */
export function pastScene(history: History, monotonic: number): Scene {
  const count = history.countAt(monotonic)
  const pictures = history.picturesAt(count)
  const reference = history.records[Math.max(0, count - 1)]
  const now = reference === undefined ? 0 : reference.at + (monotonic - reference.monotonic)
  return {
    state: pastState(pictures, now),
    pictures,
    records: history.records.slice(0, count),
    now,
    monotonic,
    isPast: true,
  }
}

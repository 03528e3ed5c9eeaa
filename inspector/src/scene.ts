import type { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import type { DaemonState } from '../../src/inspection-feed/protocol.ts'
import type { ActorPicture } from '../../src/inspection-feed/actor-picture.ts'
import type { FeedRecord } from '../../src/inspection-feed/record.ts'
import type { History } from './history.ts'
import { pastState } from './past-state.ts'

/** A stretch of records, which can be read alone. */
export interface Told {
  /** How every actor stood where the records begin. */
  readonly before: readonly ActorPicture[]
  readonly records: readonly FeedRecord[]
}

/** One moment, as every view shows it; told is what has happened up to it. */
export interface Scene extends Told {
  readonly state: DaemonState
  readonly pictures: ActorPictures
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
  const { latest: pictures, before, records } = history
  return { state: live, pictures, before, records, now, monotonic, isPast: false }
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
    before: history.before,
    records: history.records.slice(0, count),
    now,
    monotonic,
    isPast: true,
  }
}

/** One scene a moment: what was told up to it stays the same while the history goes on and forgets its beginning. */
export class PastScenes {
  #scene: Scene | undefined

  at(history: History, monotonic: number): Scene {
    const last = history.records[history.countAt(monotonic) - 1]
    if (this.#scene?.monotonic !== monotonic || this.#scene.records.at(-1) !== last)
      this.#scene = pastScene(history, monotonic)
    return this.#scene
  }
}

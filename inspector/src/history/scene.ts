import type { ActorPictures } from '../../../src/inspection-feed/actor-pictures.ts'
import type { DaemonState } from '../../../src/inspection-feed/protocol.ts'
import type { History } from './history.ts'
import { pastState } from './past-state.ts'
import type { ToldUntil } from './told.ts'
import { withStatesBefore } from './trying-actors.ts'

/** One moment, as every view shows it; told is what has happened up to it. */
export interface Scene extends ToldUntil {
  readonly state: DaemonState
  readonly pictures: ActorPictures
  /** Wall time, for ages. */
  readonly now: number
  /** The same moment on the records' steady clock. */
  readonly monotonic: number
  readonly isPast: boolean
  /** Time goes on between what is told: not in the past, nor without a connection, when nobody knows how. */
  readonly isGoingOn: boolean
}

/** The present: the daemon's own words for it, beside what its records say. */
export function presentScene(history: History, live: DaemonState, now: number, isGoingOn: boolean): Scene {
  const monotonic = presentMonotonic(history, now)
  const { latest: pictures, before, records } = history
  return {
    state: live,
    pictures,
    before,
    records,
    now,
    monotonic,
    wallOffset: now - monotonic,
    isPast: false,
    isGoingOn,
  }
}

/** The present on the records' steady clock. */
function presentMonotonic({ last }: History, now: number): number {
  return last === undefined ? 0 : last.monotonic + Math.max(0, now - last.at)
}

/** How long the daemon had run at a moment of the past; its live state tells how long it has run `now`. */
export const uptimeAt = ({ monotonic }: Scene, history: History, { runningSince }: DaemonState, now: number): number =>
  now - runningSince - (presentMonotonic(history, now) - monotonic)

/** A moment of the past, or the end of a recording. */
export function pastScene(history: History, monotonic: number): Scene {
  const count = history.countAt(monotonic)
  const pictures = history.picturesAt(count)
  const reference = history.records[Math.max(0, count - 1)]
  const wallOffset = reference === undefined ? 0 : reference.at - reference.monotonic
  const now = reference === undefined ? 0 : wallOffset + monotonic
  const told = { before: history.before, records: history.records.slice(0, count), wallOffset }
  const state = pastState(pictures, now, wallOffset)
  const actors = withStatesBefore(state.actors, told, pictures)
  return { state: { ...state, actors }, pictures, ...told, now, monotonic, isPast: true, isGoingOn: false }
}

/** What a moment of the past is, in words: `asked` is the one that is held. */
export function pastWords({ monotonic }: Scene, asked: number): string {
  if (monotonic <= asked) return 'This is a moment of the past, and not how things are now.'
  return 'What was at that moment is no longer remembered. This is a moment of the past, the earliest that was, and not how things are now.'
}

/** One scene a moment, within one life: what was told up to it stays the same while the history goes on and forgets its beginning. */
export class PastScenes {
  #asked: number | undefined
  #scene: Scene | undefined

  /** Of a moment that was forgotten before anybody asked for it: the earliest that is remembered, with its own time. */
  at(history: History, asked: number): Scene {
    if (this.#scene === undefined || this.#asked !== asked || !isAsTold(this.#scene, history, asked)) {
      this.#asked = asked
      this.#scene = pastScene(history, Math.max(asked, history.first?.monotonic ?? asked))
    }
    return this.#scene
  }
}

/** Nothing else is told of the moment by now, nor anything any more. */
function isAsTold(scene: Scene, history: History, asked: number): boolean {
  const count = history.countAt(asked)
  return count === 0 || history.records[count - 1] === scene.records.at(-1)
}

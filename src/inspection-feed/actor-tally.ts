import type { Decision, Report } from '../supervision/index.ts'
import { isNextTry } from './next-try.ts'
import type { StateEntered } from './record.ts'

type Counts = ReadonlyMap<string, number>

/** Of one actor since the daemon's start, over all its incarnations. */
export interface ActorCounts {
  /** How often it came into each state that it has been in. */
  readonly entered: Counts
  /** How often it tried again what had failed or was refused. */
  readonly retried: number
  /** How often its supervisor decided each thing about it. */
  readonly decided: Counts
  /** Of those, the ones that start it again after a failure. */
  readonly restarted: number
}

interface Entry {
  readonly entered: Map<string, number>
  retried: number
  readonly decided: Map<Decision, number>
  restarted: number
}

/** Counts what the tap and the supervisors say of each actor; a few numbers for each path that there has been. */
export class ActorTally {
  readonly #entries = new Map<string, Entry>()

  /** A machine has come into another state. */
  transition(path: string, { to, event }: Pick<StateEntered, 'to' | 'event'>): void {
    const entry = this.#entry(path)
    increment(entry.entered, to)
    if (isNextTry(event)) entry.retried++
  }

  report({ path, decision, cause }: Report): void {
    const entry = this.#entry(path)
    increment(entry.decided, decision)
    // What follows on a start that has failed is told once more, when it is its turn.
    if (cause.type === 'start_failed') return
    if (decision === 'restart' || decision === 'back_off') entry.restarted++
  }

  of(path: string): ActorCounts {
    return this.#entries.get(path) ?? nothing
  }

  #entry(path: string): Entry {
    const known = this.#entries.get(path)
    if (known !== undefined) return known
    const entry: Entry = { entered: new Map(), retried: 0, decided: new Map(), restarted: 0 }
    this.#entries.set(path, entry)
    return entry
  }
}

const nothing: ActorCounts = { entered: new Map(), retried: 0, decided: new Map(), restarted: 0 }

const increment = <Key>(counts: Map<Key, number>, key: Key): void => void counts.set(key, (counts.get(key) ?? 0) + 1)

import { milliseconds, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'

/** What happens often is told at once, and then at most this often. */
const pause = seconds(10)

/** What is to be told now. */
export interface Counted {
  /** Since it was told last. */
  readonly count: number
  /** Since when it counts; absent the first time. */
  readonly sinceSeconds: number | undefined
}

/** Counts what may happen hundreds of times a second, each kind by a key of its own, and says when it is to be told. */
export class NowAndThen<Key extends string> {
  readonly #told = new Map<Key, { readonly at: number; untold: number }>()

  constructor(private readonly clock: Clock) {}

  /** `undefined`: it was told just now, and is counted into the next. */
  add(key: Key, count: number): Counted | undefined {
    const before = this.#told.get(key)
    const now = this.clock.monotonic()
    if (before !== undefined && now - before.at < pause) {
      before.untold += count
      return undefined
    }
    this.#told.set(key, { at: now, untold: 0 })
    if (before === undefined) return { count, sinceSeconds: undefined }
    return { count: count + before.untold, sinceSeconds: Math.round(milliseconds(now - before.at) / 1000) }
  }
}

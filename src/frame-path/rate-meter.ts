import type { Milliseconds } from '../domain/units.ts'

const buckets = 10
const stepMs = 500

/** Events a second over the last 5 s of monotonic time, in steps of half a second: the step that runs, and the nine before it. */
export class RateMeter {
  readonly #counts: number[] = Array.from({ length: buckets }, () => 0)
  /** The number of the step that was counted in last. */
  #step: number | undefined
  #firstAt: Milliseconds | undefined

  count(at: Milliseconds): void {
    this.#forget(at)
    this.#firstAt ??= at
    const index = this.#stepOf(at) % buckets
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  /** Over the last 5 s, or up to half a second less. */
  total(at: Milliseconds): number {
    this.#forget(at)
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** Over the time that the steps cover; in the first seconds over that since the first event, and at least one second. */
  perSecond(at: Milliseconds): number {
    if (this.#firstAt === undefined) return 0
    const covered = at - (this.#stepOf(at) - buckets + 1) * stepMs
    return this.total(at) / (Math.min(Math.max(at - this.#firstAt, 1000), covered) / 1000)
  }

  #stepOf(at: Milliseconds): number {
    return Math.floor(at / stepMs)
  }

  #forget(at: Milliseconds): void {
    const step = this.#stepOf(at)
    const from = Math.max((this.#step ?? step) + 1, step - buckets + 1)
    for (let past = from; past <= step; past++) this.#counts[past % buckets] = 0
    this.#step = step
  }
}

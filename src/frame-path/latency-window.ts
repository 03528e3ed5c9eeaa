import { type Milliseconds, milliseconds, minutes } from '../domain/units.ts'

const samples = 512

/** What was measured says nothing of now once nothing has come for so long. */
const stale = minutes(1)

export interface LatencyQuantiles {
  readonly p50: Milliseconds
  readonly p95: Milliseconds
}

/** How long the latest 512 took, while they come. */
export class LatencyWindow {
  readonly #taken = new Float64Array(samples)
  #added = 0
  #latestAt: Milliseconds | undefined

  /** `at`: when it was over, in monotonic time. */
  add(taken: Milliseconds, at: Milliseconds): void {
    this.#taken[this.#added++ % samples] = taken
    this.#latestAt = at
  }

  /** `undefined` until something has been added, and where nothing has been in the minute before. */
  quantiles(at: Milliseconds): LatencyQuantiles | undefined {
    if (this.#latestAt === undefined || at - this.#latestAt > stale) return undefined
    // Asked for ten times a second while somebody looks: numbers are sorted without a comparison of ours.
    const sorted = this.#taken.slice(0, this.#added).sort()
    // The nearest rank: the smallest sample that so large a share of all samples doesn't exceed.
    const ofShare = (share: number): Milliseconds => milliseconds(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
    return { p50: ofShare(0.5), p95: ofShare(0.95) }
  }
}

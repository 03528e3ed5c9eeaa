import { type Milliseconds, milliseconds } from '../domain/units.ts'

const samples = 512

export interface LatencyQuantiles {
  readonly p50: Milliseconds
  readonly p95: Milliseconds
}

/** How long the latest 512 took. */
export class LatencyWindow {
  readonly #taken = new Float64Array(samples)
  #added = 0

  add(taken: Milliseconds): void {
    this.#taken[this.#added++ % samples] = taken
  }

  /** `undefined` until something has been added. */
  get quantiles(): LatencyQuantiles | undefined {
    if (this.#added === 0) return undefined
    // Asked for ten times a second while somebody looks: numbers are sorted without a comparison of ours.
    const sorted = this.#taken.slice(0, this.#added).sort()
    // The nearest rank: the smallest sample that so large a share of all samples doesn't exceed.
    const at = (share: number): Milliseconds => milliseconds(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
    return { p50: at(0.5), p95: at(0.95) }
  }
}

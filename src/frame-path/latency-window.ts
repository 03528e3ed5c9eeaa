import { type Milliseconds, milliseconds } from '../domain/units.ts'

const samples = 512

export interface LatencyQuantiles {
  readonly p50: Milliseconds
  readonly p95: Milliseconds
}

/** How long the latest 512 took. */
export class LatencyWindow {
  readonly #taken: number[] = []
  #next = 0

  add(taken: Milliseconds): void {
    this.#taken[this.#next] = taken
    this.#next = (this.#next + 1) % samples
  }

  /** `undefined` until something has been added. */
  get quantiles(): LatencyQuantiles | undefined {
    if (this.#taken.length === 0) return undefined
    const sorted = this.#taken.toSorted((a, b) => a - b)
    // The nearest rank: the smallest sample that so large a share of all samples doesn't exceed.
    const at = (share: number): Milliseconds => milliseconds(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
    return { p50: at(0.5), p95: at(0.95) }
  }
}

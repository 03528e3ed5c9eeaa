import { type Gauges, type TrendKind, trendKinds } from './trend-kinds.ts'

/** The value of one kind of figure of one part, at the moment of a reading. */
export interface TrendSample {
  readonly kind: TrendKind
  /** The part: `dock-1`. */
  readonly name: string
  readonly value: number
}

interface Counted {
  readonly at: number
  readonly value: number
}

/** Makes figures of gauges: those of a daemon as they are read, and those of a recording. */
export class TrendSampler {
  /** By path and kind. */
  #counted = new Map<string, Counted>()

  /** Of all parts at one moment: `at` on the wall clock, `monotonic` on the steady one. */
  sample(readings: ReadonlyMap<string, Gauges>, at: number, monotonic: number): TrendSample[] {
    const samples: TrendSample[] = []
    const counted = new Map<string, Counted>()
    for (const [path, gauges] of readings) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      for (const kind of trendKinds) {
        const found = kind.of.test(path) ? kind.value(gauges, at) : undefined
        if (found === undefined) continue
        const key = `${kind.name} ${path}`
        if (kind.isCounter) counted.set(key, { at: monotonic, value: found })
        const value = kind.isCounter ? this.#growth(key, found, monotonic) : found
        if (value !== undefined) samples.push({ kind, name, value })
      }
    }
    this.#counted = counted
    return samples
  }

  /** A second. A counter that has gone down belongs to another start. */
  #growth(key: string, value: number, monotonic: number): number | undefined {
    const before = this.#counted.get(key)
    if (before === undefined || value < before.value || monotonic <= before.at) return undefined
    return ((value - before.value) / (monotonic - before.at)) * 1000
  }
}

import { type EpochMs, epochMs, type Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import { type Gauges, trendSpans } from './trend-kinds.ts'
import type { TrendAnswer, TrendQuestion, TrendSpan } from './trend-protocol.ts'
import { trendQuestion } from './trend-question.ts'
import { TrendRing } from './trend-ring.ts'
import { TrendSampler } from './trend-sampler.ts'

/** Figures of parts that are followed; each takes about 14 kB. */
const mostSeries = 500

type Rings = Readonly<Record<TrendSpan, TrendRing>>

/** What every part's figures were over the last hours and days, for whoever opens the page afterwards. */
export class Trends {
  readonly #sampler = new TrendSampler()
  /** By kind, and then by part. */
  readonly #byKind = new Map<string, Map<string, Rings>>()
  readonly #leftOut = new Set<string>()
  readonly #begun: Milliseconds
  #size = 0

  constructor(
    private readonly clock: Clock,
    private readonly startedAt: EpochMs,
  ) {
    this.#begun = clock.monotonic()
  }

  /** Takes the gauges of all parts as they were read now. */
  take(readings: ReadonlyMap<string, Gauges>): void {
    const [at, monotonic] = [this.clock.now(), this.clock.monotonic()]
    this.#leftOut.clear()
    for (const { kind, name, value } of this.#sampler.sample(readings, at, monotonic)) {
      const rings = this.#rings(kind.name, name, monotonic)
      if (rings === undefined) continue
      for (const span of spans) rings[span].add(bucketAt(monotonic, span), value)
    }
  }

  /** What is asked for in an address; words where that is wrong. */
  ask(query: Readonly<Record<string, unknown>>): TrendAnswer | string {
    const question = trendQuestion(query)
    return typeof question === 'string' ? question : this.answer(question)
  }

  answer({ kind, span, from = 0 }: TrendQuestion): TrendAnswer {
    const { bucketMs, buckets } = trendSpans[span]
    const [at, monotonic] = [this.clock.now(), this.clock.monotonic()]
    const until = bucketAt(monotonic, span) + 1
    const rings = [...(this.#byKind.get(kind) ?? [])].filter(([, each]) => each[span].last > until - 1 - buckets)
    // Nobody is told of hours before the start.
    const first = Math.max(from, until - buckets, bucketAt(this.#begun, span))
    return {
      kind,
      span,
      bucketMs,
      startedAt: this.startedAt,
      from: first,
      fromAt: epochMs(Math.round(at - (monotonic - first * bucketMs))),
      series: rings.map(([name, each]) => ({ name, ...each[span].between(first, until) })),
      leftOut: this.#leftOut.size,
    }
  }

  #rings(kind: string, name: string, monotonic: number): Rings | undefined {
    const parts = this.#byKind.get(kind) ?? new Map<string, Rings>()
    const known = parts.get(name)
    if (known !== undefined) return known
    if (this.#size === mostSeries) this.#forgetOldest(monotonic)
    if (this.#size === mostSeries) {
      this.#leftOut.add(name)
      return undefined
    }
    const ring = (span: TrendSpan) => new TrendRing(trendSpans[span].buckets, bucketAt(monotonic, span))
    const rings = { '1h': ring('1h'), '6h': ring('6h'), '3d': ring('3d') }
    this.#byKind.set(kind, parts.set(name, rings))
    this.#size++
    return rings
  }

  /** Of parts that are no longer there, such as cameras that were removed. */
  #forgetOldest(monotonic: number): void {
    for (const parts of this.#byKind.values())
      for (const [name, rings] of parts)
        if (rings['1h'].last < bucketAt(monotonic, '1h') - 1) {
          parts.delete(name)
          this.#size--
        }
  }
}

const spans = Object.keys(trendSpans) as TrendSpan[]

const bucketAt = (monotonic: number, span: TrendSpan): number => Math.floor(monotonic / trendSpans[span].bucketMs)

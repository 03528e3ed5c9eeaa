import { trendSpans } from '../../../src/inspection-feed/trend-kinds.ts'
import type { TrendAnswer, TrendSeries, TrendSpan } from '../../../src/inspection-feed/trend-protocol.ts'

/** One kind of figure, as it is drawn: every list of every series has an entry for each moment. */
export interface TrendData {
  /** Seconds since 1970. */
  readonly moments: readonly number[]
  readonly series: readonly TrendSeries[]
  readonly leftOut: number
}

/** What is asked for next, so that only what is new is sent: the bucket that was still being filled comes once more. */
export const lastBucket = ({ from, series }: TrendAnswer): number =>
  from + Math.max(0, (series[0]?.mean.length ?? 1) - 1)

/** What was known, and what has come: of another start, or with a gap between, only the latter. */
export function joined(before: TrendAnswer | undefined, next: TrendAnswer): TrendAnswer {
  if (before === undefined || before.startedAt !== next.startedAt) return next
  if (before.kind !== next.kind || before.span !== next.span) return next
  const known = lengthOf(before)
  if (next.from < before.from || next.from > before.from + known) return next
  const { buckets } = trendSpans[next.span]
  const from = Math.max(before.from, next.from + lengthOf(next) - buckets)
  const earlier = new Map(before.series.map((series) => [series.name, series]))
  const kept = (list: readonly (number | null)[] | undefined): readonly (number | null)[] =>
    list?.slice(from - before.from, next.from - before.from) ?? Array<null>(Math.max(0, next.from - from)).fill(null)
  return {
    ...next,
    from,
    fromAt: (next.fromAt - (next.from - from) * next.bucketMs) as TrendAnswer['fromAt'],
    series: next.series.map(({ name, min, mean, max }) => {
      const { min: least, mean: middle, max: most } = earlier.get(name) ?? {}
      return { name, min: [...kept(least), ...min], mean: [...kept(middle), ...mean], max: [...kept(most), ...max] }
    }),
  }
}

const lengthOf = ({ series }: TrendAnswer): number => series[0]?.mean.length ?? 0

/**
 * How many buckets of an answer were over by the moment `until` of the daemon's steady clock, by which they are counted: the one
 * in which that lies holds what came after it too. Of the present, `Infinity`, that one as well.
 */
export const overBy = (answer: TrendAnswer, until: number): number =>
  Math.min(lengthOf(answer), Math.max(0, Math.floor(until / answer.bucketMs) - answer.from))

/** Up to the moment `until` of the steady clock, each bucket at its beginning. */
export function dataOf(answer: TrendAnswer, until: number): TrendData {
  const { fromAt, bucketMs, series, leftOut } = answer
  const length = overBy(answer, until)
  const moments = Array.from({ length }, (_, index) => (fromAt + index * bucketMs) / 1000)
  const cut = ({ name, min, mean, max }: TrendSeries): TrendSeries => ({
    ...{ name, min: min.slice(0, length), mean: mean.slice(0, length), max: max.slice(0, length) },
  })
  return { moments, series: series.map(cut), leftOut }
}

export const spanWords: Readonly<Record<TrendSpan, string>> = { '1h': '1 h', '6h': '6 h', '3d': '3 d' }

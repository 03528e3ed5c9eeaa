import type { EpochMs } from '../domain/units.ts'
import { listOf, moment, nullable, number, object, type Of, oneOf, text } from './shape.ts'

const trendSpan = oneOf('1h', '6h', '3d')
export type TrendSpan = Of<typeof trendSpan>

export interface TrendQuestion {
  /** The name of a `TrendKind`. */
  readonly kind: string
  readonly span: TrendSpan
  /** From this bucket on; all that are kept where absent. */
  readonly from?: number
}

const buckets = listOf(nullable(number()))

/** Lists of the same length, one entry a bucket; `null`: nothing was read in it. */
const trendSeries = object({
  /** The part: `dock-1`. */
  name: text(),
  min: buckets,
  mean: buckets,
  max: buckets,
})
export type TrendSeries = Of<typeof trendSeries>

/** What one kind of figure was, part by part, bucket by bucket. Plain JSON. */
export const trendAnswer = object({
  /** The name of a `TrendKind`. */
  kind: text(),
  span: trendSpan,
  bucketMs: number(),
  /** Of the daemon: buckets of another start count from another moment. */
  startedAt: moment<EpochMs>(),
  /** Number of the first bucket of every list; the last one is still being filled. */
  from: number(),
  /** When the first bucket began, by the wall clock as it is now. */
  fromAt: moment<EpochMs>(),
  series: listOf(trendSeries),
  /** So many parts are not followed: there are too many. */
  leftOut: number(),
})
export type TrendAnswer = Of<typeof trendAnswer>

import * as z from 'zod/mini'
import { moment, orNull, type Of } from './described.ts'

const trendSpan = z.enum(['1h', '6h', '3d'])
export type TrendSpan = Of<typeof trendSpan>

export interface TrendQuestion {
  /** The name of a `TrendKind`. */
  readonly kind: string
  readonly span: TrendSpan
  /** From this bucket on; all that are kept where absent. */
  readonly from?: number
}

const buckets = z.array(orNull(z.number()))

/** Lists of the same length, one entry a bucket; `null`: nothing was read in it. */
const trendSeries = z.object({
  /** The part: `dock-1`. */
  name: z.string(),
  min: buckets,
  mean: buckets,
  max: buckets,
})
export type TrendSeries = Of<typeof trendSeries>

/** What one kind of figure was, part by part, bucket by bucket. Plain JSON. */
export const trendAnswer = z.object({
  /** The name of a `TrendKind`. */
  kind: z.string(),
  span: trendSpan,
  bucketMs: z.number(),
  /** Of the daemon: buckets of another start count from another moment. */
  startedAt: moment,
  /** Number of the first bucket of every list; the last one is still being filled. */
  from: z.number(),
  /** When the first bucket began, by the wall clock as it is now. */
  fromAt: moment,
  series: z.array(trendSeries),
  /** So many parts are not followed: there are too many. */
  leftOut: z.number(),
})
export type TrendAnswer = Of<typeof trendAnswer>

import type { EpochMs } from '../domain/units.ts'

export type TrendSpan = '1h' | '6h' | '3d'

export interface TrendQuestion {
  /** The name of a `TrendKind`. */
  readonly kind: string
  readonly span: TrendSpan
  /** From this bucket on; all that are kept where absent. */
  readonly from?: number
}

/** What one kind of figure was, part by part, bucket by bucket. Plain JSON. */
export interface TrendAnswer extends TrendQuestion {
  readonly bucketMs: number
  /** Of the daemon: buckets of another start count from another moment. */
  readonly startedAt: EpochMs
  /** Number of the first bucket of every list; the last one is still being filled. */
  readonly from: number
  /** When the first bucket began, by the wall clock as it is now. */
  readonly fromAt: EpochMs
  readonly series: readonly TrendSeries[]
  /** So many parts are not followed: there are too many. */
  readonly leftOut: number
}

/** Lists of the same length, one entry a bucket; `null`: nothing was read in it. */
export interface TrendSeries {
  /** The part: `dock-1`. */
  readonly name: string
  readonly min: readonly (number | null)[]
  readonly mean: readonly (number | null)[]
  readonly max: readonly (number | null)[]
}

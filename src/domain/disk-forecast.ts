import { type Milliseconds, milliseconds } from './units.ts'

/** How much room there was at one moment. */
export interface RoomSample {
  /** Monotonic. */
  readonly at: Milliseconds
  readonly freeBytes: number
}

/** From less nothing is foretold: a file that is written and sealed is not a trend. */
const leastSpan = milliseconds(60_000)

/** What is further away than this is nobody's concern. */
const horizon = milliseconds(365 * 24 * 3_600_000)

/**
 * How long until only `downTo` bytes are free, if it goes on as it went in `samples` (the oldest first): by the straight line
 * that fits them best. `undefined` where room doesn't become less, where that is more than a year off, or where they span
 * less than a minute.
 */
export function timeUntil(downTo: number, samples: readonly RoomSample[]): Milliseconds | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.at - first.at < leastSpan) return undefined
  if (last.freeBytes <= downTo) return milliseconds(0)
  const bytesPerMs = slope(samples)
  if (bytesPerMs >= 0) return undefined
  const left = Math.round((last.freeBytes - downTo) / -bytesPerMs)
  return left > horizon ? undefined : milliseconds(left)
}

/** Of the least squares' line, in bytes a millisecond. */
function slope(samples: readonly RoomSample[]): number {
  const mean = (of: (sample: RoomSample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const meanAt = mean(({ at }) => at)
  const meanFree = mean(({ freeBytes }) => freeBytes)
  const spread = mean(({ at }) => (at - meanAt) ** 2)
  return mean(({ at, freeBytes }) => (at - meanAt) * (freeBytes - meanFree)) / spread
}

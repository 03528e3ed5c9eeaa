import type { Clock } from '../ports/clock.ts'

/** A wall clock that is off by less than this has not been set; milliseconds. */
const jitter = 50

/** Tells the wall time of monotonic 0; the same while the two clocks only jitter, so that what is made of it changes only when the wall clock is set. */
export function steadyOffset(clock: Clock): () => number {
  let offset = NaN
  return () => {
    const now = clock.now() - clock.monotonic()
    if (!(Math.abs(now - offset) < jitter)) offset = now
    return offset
  }
}

import { type Milliseconds, milliseconds } from './units.ts'

/** A retry schedule: `initial`, times `factor` after each failure, at most `max`, of which `jitter` (0 to 1) is left to chance. */
export interface Backoff {
  readonly initial: Milliseconds
  readonly factor: number
  readonly max: Milliseconds
  /** 0: exactly the schedule. 0.5: anywhere from half of it to all of it. 1: full jitter, anywhere from 0 to all of it. */
  readonly jitter: number
}

/** The wait before the next try after `failures` (1 or more) in a row; `random` is in [0, 1). */
export function backoffDelay(backoff: Backoff, failures: number, random: number): Milliseconds {
  // The exponent is bounded so that a camera that has been down for a year does not overflow into Infinity * 0.
  const exponent = Math.min(Math.max(failures - 1, 0), 64)
  const full = Math.min(backoff.initial * backoff.factor ** exponent, backoff.max)
  return milliseconds(Math.round(full * (1 - backoff.jitter * random)))
}

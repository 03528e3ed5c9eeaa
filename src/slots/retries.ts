import { type Backoff, backoffDelay } from '../domain/backoff.ts'
import { minutes, seconds } from '../domain/units.ts'
import type { Random } from '../ports/random.ts'

/** The waits between tries, for each thing that is tried again. */
export const retries = {
  /** A camera that cannot be had, or whose stream was lost before it was steady. */
  camera: { initial: seconds(5), factor: 2, max: seconds(30), jitter: 0.2 },
  /** A camera that had been steady: its first try, within a second. */
  steadyCamera: { initial: seconds(1), factor: 1, max: seconds(1), jitter: 0.8 },
  inference: { initial: seconds(1), factor: 2, max: seconds(30), jitter: 0.5 },
  /** The data folder as a whole, and one call on it. */
  disk: { initial: seconds(1), factor: 2, max: seconds(30), jitter: 0.5 },
  /** A server that cannot be reached, or with which sessions don't last: full jitter, so that many boxes don't come back at once. */
  server: { initial: seconds(1), factor: 2, max: minutes(5), jitter: 1 },
  /** One file: the same. */
  file: { initial: seconds(1), factor: 2, max: minutes(5), jitter: 1 },
  /** A server that is not the pinned one, or that refuses us: a person has to act. */
  refusal: { initial: minutes(1), factor: 1, max: minutes(1), jitter: 0.2 },
  address: { initial: seconds(1), factor: 2, max: seconds(30), jitter: 0.5 },
} satisfies Record<string, Backoff>

/** A machine's delay: the wait after so many failures in a row. */
export const after =
  (backoff: Backoff, random: Random) =>
  ({ context }: { context: { failures: number } }): number =>
    backoffDelay(backoff, Math.max(context.failures, 1), random())

import type { Milliseconds } from '../domain/units.ts'

/** What the daemon's heartbeat has noticed since the start. */
export interface HeartFigures {
  /** Times that the event loop stood still for more than a second. */
  readonly stalls: number
  /** For how long in all. */
  readonly stalledFor: Milliseconds
  /** The longest that it has stood still in the last minute. */
  readonly delay: Milliseconds
  /** Bytes that the process uses, as of the last second. */
  readonly memory: number
  /** Bytes that it is meant to use at most. */
  readonly memoryBudget: number
}

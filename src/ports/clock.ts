import type { EpochMs, Milliseconds } from '../domain/units.ts'

/** Time, the only source of it. XState takes it as its clock too. */
export interface Clock {
  /** Wall time, for people and for rows; it may step. */
  now(): EpochMs
  /** Time since some fixed moment; it never steps. Deadlines and rates use this. */
  monotonic(): Milliseconds
  /** Calls `callback` once, not before `delay` has passed. */
  setTimeout(callback: () => void, delay: number): TimerHandle
  clearTimeout(handle: TimerHandle): void
}

/** Opaque; give it back to the clock that made it. */
export type TimerHandle = unknown

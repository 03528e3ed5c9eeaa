import type { Ms } from './spec.ts'

/** The time that a supervisor lives by: monotonic, in milliseconds. */
export interface SupervisorClock {
  monotonic(): Ms
  /** Calls `callback` once, not before `delay` has passed. */
  setTimeout(callback: () => void, delay: Ms): unknown
  clearTimeout(handle: unknown): void
}

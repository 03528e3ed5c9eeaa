import type { Milliseconds } from '../domain/units.ts'

/** Whoever has started us, restarts us when we hang, and shows people how we are. */
export interface ServiceManager {
  /** Tells it, one word a line: `READY=1`, `STATUS=…`. In order; never waits, and a manager that cannot be told is said in the log. */
  tell(words: readonly string[]): void
  /** It takes us for hung when it has not heard `WATCHDOG=1` for this long; `undefined`: it doesn't watch. */
  readonly watchdog: Milliseconds | undefined
  /** Resolves when all has been told. */
  settled(): Promise<void>
}

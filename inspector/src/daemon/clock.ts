import { milliseconds } from '../../../src/domain/units.ts'
import type { Clock } from '../../../src/ports/clock.ts'

/** The browser's time. What happened when is said by the daemon's. */
export const clock: Pick<Clock, 'monotonic' | 'setTimeout' | 'clearTimeout'> = {
  monotonic: () => milliseconds(performance.now()),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

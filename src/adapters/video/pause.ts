import type { Milliseconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'

/** Resolves with `true` after `delay` (at once where it is not positive), with `false` as soon as `signal` aborts. */
export function pause(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted || delay <= 0) return Promise.resolve(!signal.aborted)
  return new Promise((resolve) => {
    const abort = (): void => {
      clock.clearTimeout(timer)
      resolve(false)
    }
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve(true)
    }, delay)
    signal.addEventListener('abort', abort, { once: true })
  })
}

import type { Milliseconds } from '../../../src/domain/units.ts'
import type { Clock, TimerHandle } from '../../../src/ports/clock.ts'

const steps = 4

export interface SilenceWatch {
  /** Something came: the silence begins anew, and may last for `next`, or as long as before. */
  heard(next?: Milliseconds): void
  end(): void
}

/**
 * Calls `silent` once nothing was heard for `limit`, or for what was said when something was heard last.
 * Time in which the page itself stood still does not count (a laptop that slept, a long calculation): what came meanwhile waits to be heard.
 */
export function watchSilence(
  clock: Pick<Clock, 'monotonic' | 'setTimeout' | 'clearTimeout'>,
  limit: Milliseconds,
  silent: (limit: Milliseconds) => void,
): SilenceWatch {
  let timer: TimerHandle
  let passed = 0

  function wait(): void {
    const step = limit / steps
    const due = clock.monotonic() + step
    timer = clock.setTimeout(() => {
      if (clock.monotonic() - due < step) passed++
      if (passed === steps) silent(limit)
      else wait()
    }, step)
  }

  wait()
  return {
    heard(next = limit) {
      limit = next
      clock.clearTimeout(timer)
      passed = 0
      wait()
    },
    end: () => clock.clearTimeout(timer),
  }
}

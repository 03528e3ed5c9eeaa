import type { Milliseconds } from '../../../src/domain/units.ts'
import type { Clock, TimerHandle } from '../../../src/ports/clock.ts'

const steps = 4

export interface SilenceWatch {
  /** Something came: the silence begins anew. */
  heard(): void
  end(): void
}

/**
 * Calls `silent` once nothing was heard for `limit`.
 * Time in which the page itself stood still does not count (a laptop that slept, a long calculation): what came meanwhile waits to be heard.
 */
export function watchSilence(
  clock: Pick<Clock, 'monotonic' | 'setTimeout' | 'clearTimeout'>,
  limit: Milliseconds,
  silent: () => void,
): SilenceWatch {
  const step = limit / steps
  let timer: TimerHandle
  let passed = 0

  function wait(): void {
    const due = clock.monotonic() + step
    timer = clock.setTimeout(() => {
      if (clock.monotonic() - due < step) passed++
      if (passed === steps) silent()
      else wait()
    }, step)
  }

  wait()
  return {
    heard() {
      clock.clearTimeout(timer)
      passed = 0
      wait()
    },
    end: () => clock.clearTimeout(timer),
  }
}

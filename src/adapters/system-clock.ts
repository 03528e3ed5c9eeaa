import { epochMs, milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'

/** setTimeout fires after 1 ms for anything longer; a timer that is due later is set again when this has passed. */
const longestTimeout = 2 ** 31 - 1

interface Timer {
  timeout: NodeJS.Timeout
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => epochMs(Date.now()),
  monotonic: () => milliseconds(performance.now()),
  setTimeout(callback, delay) {
    // Below 0 is at once, of which Node 24 warns.
    const wait = Math.max(delay, 0)
    const due = performance.now() + wait
    const timer: Timer = { timeout: setTimeout(fire, Math.min(wait, longestTimeout)) }
    function fire() {
      const left = due - performance.now()
      if (left > 1) timer.timeout = setTimeout(fire, Math.min(left, longestTimeout))
      else callback()
    }
    return timer
  },
  clearTimeout(handle) {
    if (handle !== undefined) clearTimeout((handle as Timer).timeout)
  },
}

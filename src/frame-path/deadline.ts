import { type Milliseconds, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'

/** A deadline that comes later than this finds a process that was held up. */
const overslept = seconds(1)

/**
 * Calls `expire` once, when `deadline` has passed from now on, unless what it returns is called before.
 *
 * Where the process itself was held up, what is waited for may be there and has not been heard: one more wait, and no other.
 */
export function setDeadline(clock: Clock, deadline: Milliseconds, expire: () => void): () => void {
  const began = clock.monotonic()
  const look = (): void => {
    if (clock.monotonic() - began <= deadline + overslept) return expire()
    timer = clock.setTimeout(expire, deadline)
  }
  let timer = clock.setTimeout(look, deadline)
  return () => clock.clearTimeout(timer)
}

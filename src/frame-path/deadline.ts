import { overslept } from '../domain/overslept.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'

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

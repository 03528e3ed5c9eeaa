import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'

/** An hour: longer waits are taken in parts, for a timer of Node's beyond 24.8 days fires at once. */
const longestWait = 3_600_000

/** What a loop waits at: it wakes when somebody rings, or when it is time. */
export class Bell {
  #rung = false
  #wake: () => void = () => undefined

  constructor(private readonly clock: Clock) {}

  /** Wakes the loop, or keeps it from falling asleep. */
  ring = (): void => {
    this.#rung = true
    this.#wake()
  }

  /** Resolves when somebody rings, or has since the last wait, or at the monotonic time `until`; it may resolve early. */
  async wait(until: Milliseconds): Promise<void> {
    const wait = Math.min(until - this.clock.monotonic(), longestWait)
    if (!this.#rung && wait > 0) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve))
      const timer = this.clock.setTimeout(this.#wake, wait)
      await woken
      this.clock.clearTimeout(timer)
    }
    this.#rung = false
  }
}

import { overslept } from '../../domain/overslept.ts'
import type { Milliseconds } from '../../domain/units.ts'
import type { Clock, TimerHandle } from '../../ports/clock.ts'

/** Aborts its signal when it listens for a while, and nothing is heard. */
export class SilenceWatch {
  readonly #silent = new AbortController()
  readonly signal = this.#silent.signal
  #timer: TimerHandle

  constructor(
    private readonly clock: Clock,
    private readonly limit: Milliseconds,
  ) {}

  /** Until something is heard. */
  listen(): void {
    const { clock, limit } = this
    this.heard()
    const began = clock.monotonic()
    const expire = (): void => this.#silent.abort()
    this.#timer = clock.setTimeout(() => {
      if (clock.monotonic() - began <= limit + overslept) return expire()
      // The process itself was held up: what was sent may be there, unheard.
      this.#timer = clock.setTimeout(expire, limit)
    }, limit)
  }

  heard(): void {
    this.clock.clearTimeout(this.#timer)
  }
}

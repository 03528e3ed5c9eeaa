import type { Milliseconds } from '../../domain/units.ts'
import type { Clock, TimerHandle } from '../../ports/clock.ts'

/** Aborts its signal when nothing has been heard for a while. */
export class SilenceWatch {
  readonly #silent = new AbortController()
  readonly signal = this.#silent.signal
  #timer: TimerHandle

  constructor(
    private readonly clock: Clock,
    private readonly limit: Milliseconds,
  ) {
    this.heard()
  }

  heard(): void {
    this.end()
    this.#timer = this.clock.setTimeout(() => this.#silent.abort(), this.limit)
  }

  end(): void {
    this.clock.clearTimeout(this.#timer)
  }
}

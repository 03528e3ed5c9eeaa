import { type Milliseconds, milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'

/** Why everything drains: a signal, an operator's command, or inference that hangs, after which the daemon is to start afresh. */
export type StopCause = 'signal' | 'operator' | 'wedge'

/** Who has asked for the stop, how often, and since when. */
export class StopRequest {
  #by: StopCause | undefined
  #times = 0
  #since: Milliseconds | undefined

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** `undefined` where the daemon ends by itself. */
  get by(): StopCause | undefined {
    return this.#by
  }

  /** Somebody has asked for it; a wedge is nobody. */
  get isAsked(): boolean {
    return this.#times > 0
  }

  /** How long ago somebody first asked; 0 where nobody has. */
  get taken(): Milliseconds {
    const now = this.clock.monotonic()
    return milliseconds(now - (this.#since ?? now))
  }

  /** Returns whether it is the first time. A person's wish goes before that of a wedge, which has us start afresh. */
  ask(by: Exclude<StopCause, 'wedge'>): boolean {
    this.#since ??= this.clock.monotonic()
    if (this.#times === 0) this.#by = by
    return ++this.#times === 1
  }

  wedged(): void {
    this.#by ??= 'wedge'
  }
}

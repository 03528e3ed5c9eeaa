import type { Effect } from './core-events.ts'
import type { SupervisorClock } from './supervisor-clock.ts'
import { longestTimer } from './spec.ts'

type Arm = Extract<Effect, { type: 'arm' }>

/** One supervisor's timers, one for each child at most. */
export class Timers {
  readonly #running = new Map<string, unknown>()
  /** Those that are to be set. */
  readonly #armed = new Map<string, Arm>()

  constructor(
    private readonly clock: SupervisorClock,
    private readonly onExpired: (id: string, token: Arm['token']) => void,
  ) {}

  /** To be set with `setAll`, in the place of the child's other one. */
  arm(timer: Arm): void {
    this.disarm(timer.id)
    this.#armed.set(timer.id, timer)
  }

  disarm(id: string): void {
    if (this.#armed.delete(id)) return
    const handle = this.#running.get(id)
    if (handle === undefined) return
    this.#running.delete(id)
    this.clock.clearTimeout(handle)
  }

  /** Only once the step is over: of many children that are asked to stop, most do so within it. */
  setAll(): void {
    for (const { id, token, delay } of this.#armed.values()) {
      // A stop may be given longer than a timer can count; it would be over at once.
      const handle = this.clock.setTimeout(
        () => {
          this.#running.delete(id)
          this.onExpired(id, token)
        },
        Math.min(delay, longestTimer),
      )
      this.#running.set(id, handle)
    }
    this.#armed.clear()
  }

  clear(): void {
    for (const handle of this.#running.values()) this.clock.clearTimeout(handle)
    this.#running.clear()
    this.#armed.clear()
  }
}

import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import { setDeadline } from './deadline.ts'
import type { HungThreads } from './hung-threads.ts'

export interface WedgeWatchOptions {
  readonly hung: HungThreads
  /** So many that hang are too many. */
  readonly most: number
  /** How long too many may hang. */
  readonly patience: Milliseconds
  readonly clock: Clock
  /** One that hung has come back. */
  readonly onReturn: () => void
  /** Too many have hung for too long. Said once, and not any more once it finishes. */
  readonly onWedged: () => void
}

/** Watches how many threads hang, for as long as one pool serves; those that hang since before count, too. */
export class WedgeWatch {
  readonly #options: WedgeWatchOptions
  readonly #stopHearing: () => void
  /** There while too many hang and are waited for. */
  #stopWaiting: (() => void) | undefined
  #isFinishing = false

  constructor(options: WedgeWatchOptions) {
    this.#options = options
    this.#stopHearing = options.hung.onReturn(() => {
      this.#look()
      options.onReturn()
    })
    this.#look()
  }

  get count(): number {
    return this.#options.hung.count
  }

  get areTooMany(): boolean {
    return this.count >= this.#options.most
  }

  add(ended: Promise<void>): void {
    this.#options.hung.add(ended)
    this.#look()
  }

  /** Waits for none any more; those that come back are still heard. */
  finish(): void {
    this.#isFinishing = true
    this.#stopWaiting?.()
  }

  end(): void {
    this.finish()
    this.#stopHearing()
  }

  #look(): void {
    const { clock, patience, onWedged } = this.#options
    if (!this.areTooMany) {
      this.#stopWaiting?.()
      this.#stopWaiting = undefined
    } else if (!this.#isFinishing) {
      this.#stopWaiting ??= setDeadline(clock, patience, onWedged)
    }
  }
}

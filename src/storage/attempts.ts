import { type Backoff, backoffDelay } from '../domain/backoff.ts'
import { OperatingError } from '../domain/errors.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { causeOf } from './disk-faults.ts'

/** One thing that is tried again, later and later, until it succeeds. */
export class Attempts {
  #failures = 0
  #failed: { readonly message: string; readonly cause: string } | undefined
  #retryAt = milliseconds(0)

  constructor(
    private readonly schedule: Backoff,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** Why the latest try failed; `undefined` where nothing stands in the way. */
  get why(): string | undefined {
    return this.#failed?.message
  }

  /** The code that it failed with. */
  get cause(): string | undefined {
    return this.#failed?.cause
  }

  /** The moment of the next try, in monotonic time; 0 where nothing stands in the way. */
  get retryAt(): Milliseconds {
    return this.#retryAt
  }

  /** One try: what is expected of the world counts as a failure, and `onFailure` hears it; a bug goes on up. */
  async try(work: () => Promise<void>, onFailure?: (error: OperatingError) => Promise<void>): Promise<void> {
    try {
      await work()
      this.succeeded()
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error
      this.failed(error)
      await onFailure?.(error)
    }
  }

  failed(error: { readonly message: string }): void {
    this.#failures++
    this.#failed = { message: error.message, cause: causeOf(error) }
    this.#retryAt = milliseconds(this.clock.monotonic() + backoffDelay(this.schedule, this.#failures, this.random()))
  }

  succeeded(): void {
    this.#failures = 0
    this.#failed = undefined
    this.#retryAt = milliseconds(0)
  }

  /** The next try may come at once; what failed before still counts. */
  hurry(): void {
    this.#retryAt = milliseconds(0)
  }
}

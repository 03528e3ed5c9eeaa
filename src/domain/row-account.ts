import { sum } from './frame-account.ts'

/** Why the writer did not take a request. */
export type RefuseCause =
  /** As many requests waited as the queue holds. */
  | 'queue-full'
  /** No writer was running. */
  | 'writer-down'

/** Where a camera's rows are. Always: produced = accepted + refused + failed + queued. */
export interface RowCounts {
  readonly produced: number
  readonly accepted: number
  readonly refused: Readonly<Record<RefuseCause, number>>
  /** Taken, and then lost for good with the reason logged: the file could not be kept. */
  readonly failed: number
  readonly queued: number
}

/** The account of one camera's rows since the daemon's start. */
export class RowAccount {
  #produced = 0
  #accepted = 0
  #failed = 0
  readonly #refused: Record<RefuseCause, number> = { 'queue-full': 0, 'writer-down': 0 }

  produced(rows: number): void {
    this.#produced += rows
  }
  accepted(rows: number): void {
    this.#accepted += rows
  }
  refused(cause: RefuseCause, rows: number): void {
    this.#refused[cause] += rows
  }
  failed(rows: number): void {
    this.#failed += rows
  }

  get counts(): RowCounts {
    return {
      produced: this.#produced,
      accepted: this.#accepted,
      refused: { ...this.#refused },
      failed: this.#failed,
      queued: this.#produced - this.#accepted - this.#failed - sum(this.#refused),
    }
  }
}

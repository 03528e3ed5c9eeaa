import type { FrameScheduler } from './frame-scheduler.ts'
import type { InferenceJob } from './inference-job.ts'

/** The frames that the workers of one pool take: those that come; once it finishes, those that wait and no others; then none. */
export class FrameSupply {
  /** For each worker that waits for a frame: stop waiting. */
  readonly #idle = new Set<AbortController>()
  #state: 'open' | 'finishing' | 'closed' = 'open'
  #left = 0
  /** How many lie in threads that have another in hand. */
  #ahead = 0

  /** @param onSpent no worker is needed any more that isn't there already. */
  constructor(
    private readonly scheduler: FrameScheduler,
    private readonly onSpent: () => void,
  ) {}

  /** While finishing: how many wait for a worker. */
  get left(): number {
    return this.#left
  }

  /** The next frame, as soon as there is one; none, if there will be none. */
  async next(): Promise<InferenceJob | undefined> {
    if (this.#state === 'open') {
      // At full load a frame waits already.
      const next = this.scheduler.takeNow()
      if (next !== undefined) return next
      const waiting = new AbortController()
      this.#idle.add(waiting)
      try {
        return await this.scheduler.take(waiting.signal)
      } catch (error) {
        if (!waiting.signal.aborted) throw error
      } finally {
        this.#idle.delete(waiting)
      }
    }
    if (this.#state !== 'finishing' || this.#left === 0) return undefined
    const job = this.scheduler.takeNow()
    this.#left = job === undefined ? 0 : this.#left - 1
    this.#tellIfSpent()
    return job
  }

  /** The frame after the one that is run: a thread that has to ask for it stands still until it is answered. */
  takeAhead(): InferenceJob | undefined {
    const job = this.#state === 'open' ? this.scheduler.takeAhead() : undefined
    if (job !== undefined) this.#ahead++
    return job
  }

  /** The frame that was ahead is run now. */
  beginAhead(): void {
    this.#ahead--
    this.#tellIfSpent()
  }

  /** The frame that was ahead has lost its thread, and waits again. */
  giveBackAhead(job: InferenceJob): void {
    this.#ahead--
    if (this.#state === 'finishing') this.#left++
    job.giveBack()
    this.#tellIfSpent()
  }

  /** No frames but so many of those that wait now. */
  finish(left: number): void {
    this.#state = 'finishing'
    this.#left = left
    this.#dismiss()
    this.#tellIfSpent()
  }

  close(): void {
    this.#state = 'closed'
    this.#dismiss()
  }

  #dismiss(): void {
    for (const waiting of this.#idle) waiting.abort()
  }

  #tellIfSpent(): void {
    if (this.#state === 'finishing' && this.#left === 0 && this.#ahead === 0) this.onSpent()
  }
}

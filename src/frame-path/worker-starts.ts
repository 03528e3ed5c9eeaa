import type { ModelToLoad } from '../domain/model.ts'
import { type Milliseconds, milliseconds, minutes } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { ModelRunner, ModelWorker } from '../ports/model-runner.ts'
import { setDeadline } from './deadline.ts'
import { SameFiles } from './same-files.ts'

export interface StartOptions {
  readonly runner: ModelRunner
  readonly models: readonly ModelToLoad[]
  readonly clock: Clock
}

export type Start =
  | { readonly type: 'started'; readonly worker: ModelWorker }
  /** Not within the limit. Its thread goes on loading, and is ended when it has: nothing else ends it. */
  | { readonly type: 'late'; readonly end: Promise<void> }

const leastLimit = minutes(1)

/** Starts the workers of one pool, until it is told to stop. */
export class WorkerStarts {
  readonly #options: StartOptions
  readonly #underWay = new Set<AbortController>()
  readonly #files: SameFiles
  #stopped: { readonly reason: unknown } | undefined
  #limit = leastLimit

  constructor(options: StartOptions) {
    this.#options = options
    this.#files = new SameFiles(options.models)
  }

  get areStopped(): boolean {
    return this.#stopped !== undefined
  }

  /** Gives up those under way, whose threads end as soon as they are idle, and begins no others. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    for (const start of this.#underWay) start.abort(reason)
  }

  /** So many workers, however long they take, or none: if one cannot start, those that can are ended again. */
  async all(workers: number): Promise<ModelWorker[]> {
    const { clock } = this.#options
    const began = clock.monotonic()
    const starts = await Promise.allSettled(Array.from({ length: workers }, () => this.#begin().starting))
    const failed = starts.find((each) => each.status === 'rejected')
    const started = starts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    if (failed === undefined && this.#stopped === undefined) {
      this.#limit = milliseconds(Math.max(leastLimit, 2 * (clock.monotonic() - began)))
      return started
    }
    await Promise.all(started.map((worker) => worker.close()))
    throw failed === undefined ? this.#stopped?.reason : failed.reason
  }

  /**
   * One more worker, for which nobody waits for ever: what takes twice as long as all of them took together at first, and more than a
   * minute, hangs.
   */
  replacement(): Promise<Start> {
    const { starting, abort } = this.#begin()
    return new Promise((resolve, reject) => {
      const callOff = setDeadline(this.#options.clock, this.#limit, () => {
        // Not aborted any more: its thread would be taken for ended while it still hangs.
        this.#underWay.delete(abort)
        const end = starting.then(
          (worker) => worker.close(),
          () => undefined,
        )
        resolve({ type: 'late', end })
      })
      void starting.then((worker) => resolve({ type: 'started', worker }), reject).finally(callOff)
    })
  }

  /** Whether it has lasted `delay`; not if they are stopped before. */
  async pause(delay: Milliseconds): Promise<boolean> {
    const abort = new AbortController()
    this.#underWay.add(abort)
    await new Promise<void>((resolve) => {
      const callOff = setDeadline(this.#options.clock, delay, resolve)
      const stop = (): void => {
        callOff()
        resolve()
      }
      abort.signal.addEventListener('abort', stop)
      if (this.areStopped) stop()
    })
    this.#underWay.delete(abort)
    return !this.areStopped
  }

  #begin(): { readonly starting: Promise<ModelWorker>; readonly abort: AbortController } {
    const { runner, models } = this.#options
    const abort = new AbortController()
    if (this.#stopped !== undefined) abort.abort(this.#stopped.reason)
    this.#underWay.add(abort)
    const starting = runner
      .startWorker(models, abort.signal)
      .then((worker) => this.#held(worker))
      .finally(() => this.#underWay.delete(abort))
    return { starting, abort }
  }

  /** One that has loaded the same files as those before it, or none. */
  #held(worker: ModelWorker): ModelWorker | Promise<never> {
    try {
      this.#files.hold(worker.models)
      return worker
    } catch (error) {
      return worker.close().then(() => Promise.reject(error as Error))
    }
  }
}

import type { ModelToLoad } from '../domain/model.ts'
import { type Milliseconds, milliseconds, minutes } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { ModelRunner, ModelWorker } from '../ports/model-runner.ts'
import { setDeadline } from './deadline.ts'
import type { HungThreads } from './hung-threads.ts'
import { SameFiles } from './same-files.ts'

export interface StartOptions {
  readonly runner: ModelRunner
  readonly models: readonly ModelToLoad[]
  readonly clock: Clock
  /** Keeps how long a start may take, from one pool to the next. */
  readonly hung: Pick<HungThreads, 'loadingLimit'>
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

  /** So many workers but those that are late, or none: if one cannot start, those that can are ended again. */
  async all(workers: number, onLate: (end: Promise<void>) => void): Promise<ModelWorker[]> {
    const { clock, hung } = this.#options
    const began = clock.monotonic()
    const starts = await Promise.allSettled(Array.from({ length: workers }, () => this.one()))
    const failed = starts.find((each) => each.status === 'rejected')
    const begun = starts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    for (const start of begun) if (start.type === 'late') onLate(start.end)
    const started = begun.flatMap((start) => (start.type === 'started' ? [start.worker] : []))
    if (failed === undefined && this.#stopped === undefined) {
      hung.loadingLimit ??= milliseconds(Math.max(leastLimit, 2 * (clock.monotonic() - began)))
      return started
    }
    await Promise.all(started.map((worker) => worker.close()))
    throw failed === undefined ? this.#stopped?.reason : failed.reason
  }

  /**
   * One worker, for which nobody waits for ever once a pool has started: what takes twice as long as all workers of the first one took
   * together, and more than a minute, hangs.
   */
  one(): Promise<Start> {
    const { clock, hung } = this.#options
    const { starting, abort } = this.#begin()
    const limit = hung.loadingLimit
    if (limit === undefined) return starting.then((worker) => ({ type: 'started', worker }))
    return new Promise((resolve, reject) => {
      const callOff = setDeadline(clock, limit, () => {
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

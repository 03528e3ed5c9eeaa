import type { ModelRunner, ModelSpec, ModelWorker } from '../ports/model-runner.ts'

export interface StartOptions {
  readonly runner: ModelRunner
  readonly models: readonly ModelSpec[]
}

/** Starts the workers of one pool, until it is told to stop. */
export class WorkerStarts {
  readonly #options: StartOptions
  readonly #underWay = new Set<AbortController>()
  #stopped: { readonly reason: unknown } | undefined

  constructor(options: StartOptions) {
    this.#options = options
  }

  get areStopped(): boolean {
    return this.#stopped !== undefined
  }

  /** Gives up those under way, whose threads end as soon as they are idle, and begins no others. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    for (const start of this.#underWay) start.abort(reason)
  }

  /** So many workers, or none: if one cannot start, those that can are ended again. */
  async all(workers: number): Promise<ModelWorker[]> {
    const starts = await Promise.allSettled(Array.from({ length: workers }, () => this.one()))
    const failed = starts.find((each) => each.status === 'rejected')
    const started = starts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    if (failed === undefined && this.#stopped === undefined) return started
    await Promise.all(started.map((worker) => worker.close()))
    throw failed === undefined ? this.#stopped?.reason : failed.reason
  }

  async one(): Promise<ModelWorker> {
    const start = new AbortController()
    if (this.#stopped !== undefined) start.abort(this.#stopped.reason)
    this.#underWay.add(start)
    try {
      return await this.#options.runner.startWorker(this.#options.models, start.signal)
    } finally {
      this.#underWay.delete(start)
    }
  }
}

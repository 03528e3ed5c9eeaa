import { InferenceWedgedError, WorkerDiedError } from '../domain/inference-errors.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { InferenceAnswer, ModelRunner, ModelSpec, ModelWorker } from '../ports/model-runner.ts'
import { EventQueue } from './event-queue.ts'
import type { FrameScheduler } from './frame-scheduler.ts'
import type { InferenceJob } from './inference-job.ts'
import type { PoolDrained, PoolEvent } from './pool-events.ts'
import { type Outcome, outcomeOf } from './timed-run.ts'

export interface PoolOptions {
  readonly runner: ModelRunner
  readonly models: readonly ModelSpec[]
  readonly workers: number
  /** How long a frame may take in a worker, all its models together. */
  readonly deadline: Milliseconds
  /** So many workers hanging at once are too many; as many as there are workers if not given. */
  readonly mostWedged?: number
  readonly scheduler: FrameScheduler
  readonly clock: Clock
  /** Cuts everything off. */
  readonly signal: AbortSignal
  /** Asks for a drain: frames that wait are run, no others are taken. */
  readonly finish: AbortSignal
}

/** A frame that a worker has been given. */
interface Given {
  readonly job: InferenceJob
  readonly run: Promise<InferenceAnswer>
}

/**
 * Runs inference until it is told to finish: starts the workers, gives each the frames it takes from the scheduler, and replaces those that
 * hang or die. Each frame taken ends inspected or failed, or is given back, whatever happens here.
 *
 * @throws {ModelRefusedError} at the start, before `pool.ready`.
 * @throws {InferenceWedgedError} too many workers hang; the others have finished what they had.
 * @throws {WorkerDiedError} workers die one after the other without an answer between, or a new one dies while it starts.
 * @throws {signal.reason} `signal` aborted: frames in workers are failed(cut-off), and their threads end when they are idle.
 */
export async function* serveInference(options: PoolOptions): AsyncGenerator<PoolEvent, PoolDrained, void> {
  const pool = new Pool(options)
  const cutOff = (): void => pool.end(options.signal.reason)
  const finish = (): void => pool.drain()
  options.signal.addEventListener('abort', cutOff)
  options.finish.addEventListener('abort', finish)
  try {
    if (options.signal.aborted) cutOff()
    if (options.finish.aborted) finish()
    pool.start()
    yield* pool.events
    return { drained: true, wedged: pool.wedged }
  } finally {
    options.signal.removeEventListener('abort', cutOff)
    options.finish.removeEventListener('abort', finish)
    pool.end(new Error('Inference is not served any more'))
  }
}

class Pool {
  readonly events = new EventQueue<PoolEvent>()
  readonly #options: PoolOptions
  /** The lives of workers, and their starts; the pool is at its end when they are. */
  readonly #lives = new Set<Promise<void>>()
  /** Answers on their way to the writer; a drain waits for them too. */
  readonly #records = new Set<Promise<void>>()
  readonly #workers = new Set<ModelWorker>()
  readonly #wedged = new Set<ModelWorker>()
  /** For each worker that waits for a frame: stop waiting. */
  readonly #idle = new Set<AbortController>()
  /** For each frame that a worker runs: give it up. */
  readonly #giveUp = new Set<() => void>()
  /** Frames that workers have beside the one they run. */
  readonly #ahead = new Set<Given>()
  readonly #starting = new AbortController()
  readonly #mostWedged: number
  #state: 'serving' | 'draining' | 'failing' | 'ended' = 'serving'
  #failure: unknown
  /** While draining: how many frames may still be taken. */
  #left = 0
  #deathsInARow = 0
  #announced = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#mostWedged = options.mostWedged ?? options.workers
  }

  get wedged(): number {
    return this.#wedged.size
  }

  start(): void {
    this.#live(this.#startAll())
  }

  /** No frames but those that wait now. */
  drain(): void {
    if (this.#state !== 'serving') return
    this.#state = 'draining'
    this.#left = this.#announced ? this.#options.scheduler.waiting : 0
    this.#stopStarting()
    this.#dismiss()
  }

  /** At once. What is in a worker is failed(cut-off); threads end as soon as they are idle, and nobody waits for them. */
  end(reason: unknown): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#starting.abort(reason)
    this.#dismiss()
    for (const giveUp of this.#giveUp) giveUp()
    for (const worker of this.#workers) void worker.close()
    this.events.fail(reason)
  }

  /** Frames in workers come to their end, then the pool fails. */
  #fail(error: unknown): void {
    if (this.#state === 'failing' || this.#state === 'ended') return
    this.#state = 'failing'
    this.#failure = error
    this.#starting.abort(error)
    this.#dismiss()
  }

  /** While draining: if no frame is left that a worker could be needed for that isn't there yet. */
  #stopStarting(): void {
    if (this.#state !== 'draining' || this.#left > 0 || this.#ahead.size > 0) return
    this.#starting.abort(new Error('Inference is finishing'))
  }

  #dismiss(): void {
    for (const waiting of this.#idle) waiting.abort()
  }

  #live(life: Promise<void>): void {
    const watched = life
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#lives.delete(watched)
        this.#settle()
      })
    this.#lives.add(watched)
  }

  #record(record: Promise<void>): void {
    const watched = record
      .catch((error: unknown) => {
        // Nobody is left to tell: let it fail the process, as a bug does.
        if (this.#state === 'ended') throw error
        this.#fail(error)
      })
      .finally(() => {
        this.#records.delete(watched)
        this.#settle()
      })
    this.#records.add(watched)
  }

  #settle(): void {
    if (this.#lives.size > 0) return
    if (this.#state === 'failing') this.events.fail(this.#failure)
    else if (this.#records.size === 0) this.events.end()
  }

  async #startAll(): Promise<void> {
    const { workers } = this.#options
    const started = await Promise.allSettled(Array.from({ length: workers }, () => this.#startWorker()))
    const failed = started.find((each) => each.status === 'rejected')
    const ready = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    if (failed !== undefined || this.#state !== 'serving') {
      await Promise.all(ready.map((worker) => this.#close(worker)))
      // Told to finish before it had begun: there is nothing to hand back, and nothing has gone wrong.
      if (failed !== undefined && this.#state === 'serving') throw failed.reason
      return
    }
    this.#announced = true
    this.events.push({ type: 'pool.ready', models: ready[0]?.models ?? [] })
    for (const worker of ready) this.#live(this.#serve(worker))
  }

  async #startWorker(): Promise<ModelWorker> {
    const { runner, models } = this.#options
    const worker = await runner.startWorker(models, AbortSignal.any([this.#starting.signal]))
    this.#workers.add(worker)
    return worker
  }

  async #close(worker: ModelWorker): Promise<void> {
    this.#workers.delete(worker)
    await worker.close()
  }

  /** One worker's life: frames, until there are no more for it. */
  async #serve(worker: ModelWorker): Promise<void> {
    let given = this.#give(worker, await this.#next())
    while (given !== undefined) {
      const ahead = this.#giveAhead(worker)
      const outcome = await this.#outcome(given)
      const isFit = outcome.type === 'answered' || outcome.type === 'failed'
      this.#endAhead(ahead, isFit)
      await this.#conclude(worker, given, outcome)
      if (!isFit) return
      given = ahead ?? this.#give(worker, await this.#next())
    }
    await this.#close(worker)
  }

  #give(worker: ModelWorker, job: InferenceJob | undefined): Given | undefined {
    if (job === undefined) return undefined
    // Taken just before the end: nobody has begun with it.
    if (this.#state === 'ended') return void job.giveBack()
    const run = worker.run(job.task)
    // It is heard when its turn has come.
    run.catch(() => undefined)
    return { job, run }
  }

  /** The frame after the one that is run: a thread that has to ask for it stands still until it is answered. */
  #giveAhead(worker: ModelWorker): Given | undefined {
    const job = this.#state === 'serving' ? this.#options.scheduler.takeAhead() : undefined
    const ahead = this.#give(worker, job)
    if (ahead !== undefined) this.#ahead.add(ahead)
    return ahead
  }

  /** The frame before it has come to its end. */
  #endAhead(ahead: Given | undefined, isFit: boolean): void {
    if (ahead === undefined) return
    this.#ahead.delete(ahead)
    if (!isFit) {
      if (this.#state === 'draining') this.#left++
      ahead.job.giveBack()
    }
    this.#stopStarting()
  }

  async #next(): Promise<InferenceJob | undefined> {
    const { scheduler } = this.#options
    if (this.#state === 'serving') {
      // At full load a frame waits already.
      const next = scheduler.takeNow()
      if (next !== undefined) return next
      const waiting = new AbortController()
      this.#idle.add(waiting)
      try {
        return await scheduler.take(waiting.signal)
      } catch (error) {
        if (!waiting.signal.aborted) throw error
      } finally {
        this.#idle.delete(waiting)
      }
    }
    if (this.#state !== 'draining' || this.#left === 0) return undefined
    const job = scheduler.takeNow()
    this.#left = job === undefined ? 0 : this.#left - 1
    this.#stopStarting()
    return job
  }

  #outcome({ run }: Given): Promise<Outcome> {
    const { clock, deadline } = this.#options
    if (this.#state === 'ended') return Promise.resolve({ type: 'cut-off' })
    return outcomeOf(run, { clock, deadline, giveUp: this.#giveUp })
  }

  /** What becomes of a frame, and of its worker. */
  async #conclude(worker: ModelWorker, { job, run }: Given, outcome: Outcome): Promise<void> {
    switch (outcome.type) {
      case 'answered':
        this.#deathsInARow = 0
        return this.#record(job.answered(outcome.answer))
      case 'failed':
        return this.#record(job.failed('inference-error'))
      case 'cut-off':
        return this.#record(job.failed('cut-off'))
      case 'timeout':
        this.#record(job.failed('timeout'))
        return this.#retireWedged(worker, run, job)
      case 'died':
        this.#record(job.failed('worker-died'))
        await this.#close(worker)
        if (!(outcome.error instanceof WorkerDiedError)) throw outcome.error
        return this.#retireDead(outcome.error, job)
    }
  }

  #retireWedged(worker: ModelWorker, run: Promise<unknown>, job: InferenceJob): void {
    this.#workers.delete(worker)
    this.#wedged.add(worker)
    const returned = (): void => {
      this.#wedged.delete(worker)
      // Its answer comes too late to be one, and its thread is not trusted again.
      void worker.close()
      this.events.push({ type: 'worker.returned', wedged: this.#wedged.size })
    }
    run.then(returned, returned)
    this.events.push({ type: 'worker.retired', why: 'timeout', frame: job.frame, wedged: this.#wedged.size })
    if (this.#wedged.size >= this.#mostWedged) {
      this.events.push({ type: 'pool.wedged', workers: this.#wedged.size })
      this.#fail(new InferenceWedgedError(this.#wedged.size))
    } else {
      this.#replace()
    }
  }

  #retireDead(error: WorkerDiedError, job: InferenceJob): void {
    this.events.push({ type: 'worker.retired', why: 'died', frame: job.frame, wedged: this.#wedged.size })
    this.#deathsInARow++
    // Not for ever at full speed: whoever keeps us backs off before it starts us again.
    if (this.#deathsInARow > this.#options.workers) this.#fail(error)
    else this.#replace()
  }

  #replace(): void {
    const needed = this.#state === 'serving' || (this.#state === 'draining' && this.#left > 0)
    if (needed) this.#live(this.#startReplacement())
  }

  async #startReplacement(): Promise<void> {
    let worker: ModelWorker
    try {
      worker = await this.#startWorker()
    } catch (error) {
      // Given up because nothing is left for it to do, or the pool has failed already.
      if (this.#starting.signal.aborted) return
      throw error
    }
    this.events.push({ type: 'worker.replaced' })
    await this.#serve(worker)
  }
}

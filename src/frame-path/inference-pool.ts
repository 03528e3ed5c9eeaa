import { type Backoff, backoffDelay } from '../domain/backoff.ts'
import type { FailCause } from '../domain/frame-account.ts'
import { InferenceWedgedError, ModelRefusedError, WorkerDiedError } from '../domain/inference-errors.ts'
import type { FrameId } from '../domain/frame.ts'
import type { LoadedModel } from '../domain/model.ts'
import { minutes, seconds } from '../domain/units.ts'
import type { ModelWorker } from '../ports/model-runner.ts'
import { CutOff } from './cut-off.ts'
import { EventQueue } from './event-queue.ts'
import { FrameSupply } from './frame-supply.ts'
import type { InferenceJob } from './inference-job.ts'
import type { PoolDrained, PoolEvent } from './pool-events.ts'
import type { PoolOptions } from './pool-options.ts'
import type { Outcome } from './timed-run.ts'
import { UnderWay } from './under-way.ts'
import { WedgeWatch } from './wedge-watch.ts'
import { type LostWorker, workerLife } from './worker-life.ts'
import { type Start, WorkerStarts } from './worker-starts.ts'

/**
 * Runs inference until it is told to finish: starts the workers, gives each the frames it takes from the scheduler, and replaces those that
 * hang or die. Each frame taken ends inspected or failed, or is given back, whatever happens here.
 *
 * @throws {ModelRefusedError} at the start, before `pool.ready`; later, when a replacement is refused and no other worker is left.
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
    return { drained: true, wedged: options.hung.count }
  } finally {
    options.signal.removeEventListener('abort', cutOff)
    options.finish.removeEventListener('abort', finish)
    pool.end(new Error('Inference is not served any more'))
  }
}

class Pool {
  readonly events = new EventQueue<PoolEvent>()
  readonly #options: PoolOptions
  readonly #starts: WorkerStarts
  readonly #frames: FrameSupply
  readonly #hung: WedgeWatch
  readonly #cutOff = new CutOff()
  /** The lives of workers, and their starts; the pool is at its end when they are. */
  readonly #lives = new UnderWay({ failed: (error) => this.#fail(error), ended: () => this.#settle() })
  /** Answers on their way to the writer; a drain waits for them too. */
  readonly #records = new UnderWay({
    failed: (error) => {
      // Nobody is left to tell: let it fail the process, as a bug does.
      if (this.#state === 'ended') throw error
      this.#fail(error)
    },
    ended: () => this.#settle(),
  })
  #state: 'serving' | 'draining' | 'failing' | 'ended' = 'serving'
  #failure: unknown
  /** How many replacements are not started while too many threads hang. */
  #withheld = 0
  #deathsInARow = 0
  /** How many have their models loaded and take frames. */
  #serving = 0
  /** Replacements in a row that were refused. */
  #refusals = 0
  #announced = false
  /** The models that have been told of, each as it turned out. */
  readonly #told = new Set<string>()

  constructor(options: PoolOptions) {
    this.#options = options
    this.#starts = new WorkerStarts(options)
    this.#frames = new FrameSupply(options.scheduler, () => this.#starts.stop(new Error('Inference is finishing')))
    this.#hung = new WedgeWatch({
      hung: options.hung,
      // One that hangs is always replaced, where there is only one, too.
      most: options.mostWedged ?? Math.max(2, options.workers),
      // What has not come back in twice the time that a frame may take is not merely slow.
      patience: options.deadline,
      clock: options.clock,
      onReturn: () => this.#returned(),
      onWedged: () => this.#wedge(),
    })
  }

  start(): void {
    this.#lives.add(this.#startAll())
  }

  /** No frames but those that wait now. */
  drain(): void {
    if (this.#state !== 'serving') return
    this.#state = 'draining'
    // What is there decides: a stop does not wait for threads that hang.
    this.#hung.finish()
    this.#frames.finish(this.#announced ? this.#options.scheduler.waiting : 0)
    this.#settle()
  }

  /** At once. What is in a worker is failed(cut-off); threads end as soon as they are idle, and nobody waits for them. */
  end(reason: unknown): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#hung.end()
    this.#starts.stop(reason)
    this.#frames.close()
    this.#cutOff.make()
    this.events.fail(reason)
  }

  /** Frames in workers come to their end, then the pool fails. */
  #fail(error: unknown): void {
    if (this.#state === 'failing' || this.#state === 'ended') return
    this.#state = 'failing'
    this.#failure = error
    this.#hung.finish()
    this.#starts.stop(error)
    this.#frames.close()
    this.#settle()
  }

  #settle(): void {
    // Serving without a worker: all hang, and it is not yet decided that they do.
    if (this.#lives.count > 0 || this.#state === 'serving') return
    if (this.#state === 'draining' && this.#frames.left > 0) this.#wedge()
    else if (this.#state === 'failing') this.events.fail(this.#failure)
    else if (this.#records.count === 0) this.events.end()
  }

  async #startAll(): Promise<void> {
    let workers: ModelWorker[]
    try {
      workers = await this.#starts.all(this.#options.workers, (end) => this.#countHung(end, { why: 'loading' }))
    } catch (error) {
      // Told to finish before it had begun: there is nothing to hand back, and nothing has gone wrong.
      if (this.#starts.areStopped) return
      throw error
    }
    if (workers.length > 0) this.#announce(workers)
    for (const worker of workers) this.#lives.add(this.#serve(worker))
    this.#withheld += this.#options.workers - workers.length
    this.#replaceHung()
  }

  /** Those that are the first; others take the place of one that was given up. */
  #announce(workers: readonly ModelWorker[]): void {
    const models = this.#untold(workers.flatMap((worker) => worker.models))
    if (this.#announced) return this.events.push({ type: 'worker.replaced', models })
    this.#announced = true
    this.events.push({ type: 'pool.ready', workers: workers.length, models })
  }

  async #serve(worker: ModelWorker): Promise<void> {
    const lost = await this.#work(worker)
    const end = worker.close()
    if (lost === undefined) return end
    const { job, outcome } = lost
    switch (outcome.type) {
      case 'cut-off':
        return
      case 'timeout':
        return this.#retireHung(end, { why: 'timeout', frame: job.frame })
      case 'died':
        await end
        if (!(outcome.error instanceof WorkerDiedError)) throw outcome.error
        return this.#retireDead(outcome.error, job.frame)
    }
  }

  async #work(worker: ModelWorker): Promise<LostWorker | undefined> {
    const { clock, deadline } = this.#options
    const onOutcome = (job: InferenceJob, outcome: Outcome): void => this.#account(job, outcome)
    this.#serving++
    try {
      return await workerLife(worker, { frames: this.#frames, clock, deadline, cutOff: this.#cutOff, onOutcome })
    } finally {
      this.#serving--
    }
  }

  #account(job: InferenceJob, outcome: Outcome): void {
    if (outcome.type === 'answered') this.#deathsInARow = 0
    if (outcome.type === 'failed') this.#options.onFailedFrame(job.frame, outcome.error)
    this.#records.add(outcome.type === 'answered' ? job.answered(outcome.answer) : job.failed(causes[outcome.type]))
  }

  #retireHung(end: Promise<void>, about: Hanging): void {
    this.#countHung(end, about)
    this.#withheld++
    this.#replaceHung()
  }

  #countHung(end: Promise<void>, about: Hanging): void {
    this.#hung.add(end)
    this.events.push({ type: 'worker.retired', ...about, wedged: this.#hung.count })
  }

  #returned(): void {
    this.events.push({ type: 'worker.returned', wedged: this.#hung.count })
    this.#replaceHung()
  }

  /** Not while too many hang: one more would soon hang with them. */
  #replaceHung(): void {
    if (this.#hung.areTooMany) return
    for (; this.#withheld > 0; this.#withheld--) this.#replace()
  }

  #wedge(): void {
    const workers = this.#hung.count
    this.events.push({ type: 'pool.wedged', workers })
    this.#fail(new InferenceWedgedError(workers))
  }

  #retireDead(error: WorkerDiedError, frame: FrameId): void {
    this.events.push({ type: 'worker.retired', why: 'died', frame, wedged: this.#hung.count })
    this.#deathsInARow++
    // Not for ever at full speed: whoever keeps us backs off before it starts us again.
    if (this.#deathsInARow > this.#options.workers) this.#fail(error)
    else this.#replace()
  }

  #replace(): void {
    const needed = this.#state === 'serving' || (this.#state === 'draining' && this.#frames.left > 0)
    if (needed) this.#lives.add(this.#startReplacement())
  }

  async #startReplacement(): Promise<void> {
    let start: Start
    try {
      start = await this.#starts.one()
    } catch (error) {
      // Given up because nothing is left for it to do, or the pool has failed already.
      if (this.#starts.areStopped) return
      if (error instanceof ModelRefusedError && this.#serving > 0) return this.#goOnWithout(error)
      throw error
    }
    if (start.type === 'late') return this.#retireHung(start.end, { why: 'loading' })
    this.#refusals = 0
    this.#announce([start.worker])
    await this.#serve(start.worker)
  }

  /** The file may be half copied, or another model: what the others have loaded is what was configured when Belay started. */
  async #goOnWithout({ model, message: why }: ModelRefusedError): Promise<void> {
    const retryIn = backoffDelay(replacementAgain, ++this.#refusals, 0)
    const advice =
      'The other workers go on with what they have loaded. Put that file back, or restart Belay to take the new one'
    this.events.push({ type: 'worker.refused', model, why, advice, retryIn })
    if (await this.#starts.pause(retryIn)) this.#replace()
  }

  #untold(models: readonly LoadedModel[]): LoadedModel[] {
    return models.filter((model) => {
      const before = this.#told.size
      return this.#told.add(JSON.stringify(model)).size > before
    })
  }
}

type Hanging = { readonly why: 'timeout'; readonly frame: FrameId } | { readonly why: 'loading' }

/** Somebody is copying a file just then, or has to come and mend it. */
const replacementAgain: Backoff = { initial: seconds(5), factor: 2, max: minutes(1), jitter: 0 }

const causes = {
  failed: 'inference-error',
  timeout: 'timeout',
  'cut-off': 'cut-off',
  died: 'worker-died',
} as const satisfies Record<Exclude<Outcome['type'], 'answered'>, FailCause>

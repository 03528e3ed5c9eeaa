import { InferenceError, WorkerDiedError } from '../../src/domain/inference-errors.ts'
import type { ExecutionProvider } from '../../src/domain/execution-provider.ts'
import type { InferenceAnswer, InferenceTask } from '../../src/domain/inference-task.ts'
import type { Finding } from '../../src/domain/inspection.ts'
import type { LoadedModel, ModelToLoad } from '../../src/domain/model.ts'
import { milliseconds } from '../../src/domain/units.ts'
import type { ModelRunner, ModelWorker } from '../../src/ports/model-runner.ts'

/** One run in a worker that doesn't exist. It lasts until the test settles it; left alone, it hangs. */
export class FakeRun {
  settled = false

  constructor(
    readonly task: InferenceTask,
    readonly worker: FakeWorker,
    private readonly resolve: (answer: InferenceAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  /** Answers; with nothing seen by any of the models if not told what. */
  answer(findings: readonly Finding[] = this.task.models.map(({ model }) => seesNothing(model))): void {
    this.settle()
    this.resolve({ findings, elapsed: milliseconds(10) })
  }

  fail(detail = 'told to'): void {
    this.settle()
    this.reject(new InferenceError(this.task.models[0]?.model ?? 'none', detail))
  }

  die(detail = 'told to'): void {
    this.settle()
    this.reject(new WorkerDiedError(detail))
  }

  /** Fails with an error that is no operating error. */
  break(error: Error): void {
    this.settle()
    this.reject(error)
  }

  private settle(): void {
    if (this.settled) throw new Error('This run is settled already')
    this.settled = true
  }
}

export class FakeWorker implements ModelWorker {
  /** Those that have begun. */
  readonly runs: FakeRun[] = []
  closed = false
  /** How many were given and have not come to their end. */
  #given = 0
  #task: Promise<unknown> = Promise.resolve()
  #death: WorkerDiedError | undefined

  constructor(readonly models: readonly LoadedModel[]) {}

  run(task: InferenceTask): Promise<InferenceAnswer> {
    if (this.closed) throw new Error('This worker is closed')
    if (this.#given === 2) throw new Error('This worker has a task, and one after it')
    const begin = (): Promise<InferenceAnswer> => {
      if (this.#death !== undefined) throw this.#death
      return new Promise((resolve, reject) => this.runs.push(new FakeRun(task, this, resolve, reject)))
    }
    const answer = this.#given++ === 0 ? begin() : this.#task.then(begin)
    this.#task = answer
      .catch((error: unknown) => {
        if (error instanceof WorkerDiedError) this.#death = error
      })
      .finally(() => this.#given--)
    // One of its own, as a thread's: whose end nobody hears is an unhandled rejection.
    return answer.then((found) => found)
  }

  /** As the port says: a worker that hangs is never ended. */
  async close(): Promise<void> {
    await this.#task
    this.closed = true
  }
}

/** A start that waits for the test to say how it goes. */
export interface FakeStart {
  succeed(): void
  fail(error: Error): void
}

/** Starts workers at once, or by hand where `byHand` is set before. */
export class FakeModelRunner implements ModelRunner {
  /** All that were started, in order. */
  readonly workers: FakeWorker[] = []
  /** Starts that wait, while `byHand`. */
  readonly starts: FakeStart[] = []
  byHand = false
  /** Where the models of each worker run, in order; on the processor if not said. */
  providers: readonly ExecutionProvider[] = []
  /** Of which file each worker's models are, in order; of the usual one if not said. */
  digests: readonly string[] = []

  async startWorker(models: readonly ModelToLoad[], signal: AbortSignal): Promise<ModelWorker> {
    signal.throwIfAborted()
    if (this.byHand) {
      await new Promise<void>((resolve, reject) => {
        this.starts.push({ succeed: resolve, fail: reject })
        signal.addEventListener('abort', () => reject(signal.reason as Error))
      })
    }
    const digest = this.digests[this.workers.length] ?? asUsual.digest
    const provider = this.providers[this.workers.length] ?? 'cpu'
    const worker = new FakeWorker(models.map((model) => ({ ...loaded(model), provider, digest })))
    this.workers.push(worker)
    return worker
  }

  /** The runs under way, in the order of their workers. */
  get running(): FakeRun[] {
    return this.workers.flatMap(({ runs }) => runs.filter(({ settled }) => !settled))
  }
}

/** What a model turns out to be where nothing is special. */
export const asUsual = {
  digest: 'as configured',
  type: 'float32',
  provider: 'cpu',
  declined: [],
  tensors: { input: 'images: float32', output: 'output0: float32', unread: [] },
} satisfies Partial<LoadedModel>

const loaded = ({ name, kind, labels }: ModelToLoad): LoadedModel => ({
  name,
  kind,
  input: { width: 640, height: 640 },
  frames: 1,
  labels: labels ?? ['thing'],
  layout: kind === 'detect' ? 'v8' : undefined,
  ...asUsual,
})

const seesNothing = (model: string): Finding => ({ kind: 'detect', model, detections: [] })

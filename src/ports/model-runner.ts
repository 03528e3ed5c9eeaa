import type { InferenceAnswer, InferenceTask } from '../domain/inference-task.ts'
import type { LoadedModel, ModelToLoad } from '../domain/model.ts'

/** Threads that run ONNX models. */
export interface ModelRunner {
  /**
   * Starts one thread, loads every model in it and runs each once.
   *
   * @throws {ModelRefusedError} a model cannot be read, doesn't fit (shape, type, labels), or was changed while it was read.
   * @throws {signal.reason} `signal` aborted first; the thread ends as soon as it is idle.
   */
  startWorker(models: readonly ModelToLoad[], signal: AbortSignal): Promise<ModelWorker>
}

/** A runner that knows its threads to their end. */
export interface ModelThreads extends ModelRunner {
  /**
   * Resolves when no thread is left: each has been closed, or given up while it loaded, and has come to its end. One that
   * hangs in a model never does. A process that ends by itself before that may abort.
   */
  ended(): Promise<void>
}

/** One thread with its models loaded. It runs one task after the other, in the order in which they were given; none is ever aborted. */
export interface ModelWorker {
  readonly models: readonly LoadedModel[]
  /**
   * One more may be given while one runs: it waits in the thread, which begins it without asking anybody.
   *
   * @throws {InferenceError} a model's run failed; the worker is fit for the next task.
   * @throws {WorkerDiedError} the thread is gone; so is the worker.
   */
  run(task: InferenceTask): Promise<InferenceAnswer>
  /** Ends the thread once its tasks, if it has any, are done. A thread that hangs is never ended: it would abort the process. */
  close(): Promise<void>
}

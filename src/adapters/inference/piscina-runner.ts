import { Piscina } from 'piscina'
import { InferenceError, ModelRefusedError, WorkerDiedError } from '../../domain/inference-errors.ts'
import type { InferenceAnswer, InferenceTask } from '../../domain/inference-task.ts'
import { messageOf } from '../../domain/message-of.ts'
import type { LoadedModel, ModelToLoad } from '../../domain/model.ts'
import type { ModelThreads, ModelWorker } from '../../ports/model-runner.ts'
import type { InferenceReply, InferenceRequest } from '../../workers/inference-protocol.ts'
import { settledOrAborted } from '../settled-or-aborted.ts'
import { type WorkerEntry, workerEntry } from '../worker-entry.ts'

/**
 * ONNX Runtime reports to its maker unless told not to, and leaves a device id in the home folder. A factory's edge box tells
 * nobody anything. Read by the library's own `getenv`, so it has to be set on the main thread, before the first worker.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'

/**
 * Runs models in Piscina, one pool of one thread for each worker: Piscina cannot replace a single thread of a larger pool.
 *
 * No task is ever given an abort signal, and no pool is destroyed while its thread has a task: ending a thread during
 * ONNX Runtime's `run` aborts the whole process.
 */
export function createPiscinaRunner(entry: WorkerEntry = workerEntry('inference')): ModelThreads {
  const threads = new Set<Thread>()
  return {
    async startWorker(specs: readonly ModelToLoad[], signal: AbortSignal): Promise<ModelWorker> {
      signal.throwIfAborted()
      const thread = new Thread(entry)
      threads.add(thread)
      void thread.ended.then(() => threads.delete(thread))
      const loading = thread.ask({ type: 'load', models: specs })
      try {
        const reply = await settledOrAborted(loading, signal)
        if (reply.type === 'loaded') return new PiscinaWorker(thread, reply.models)
        if (reply.type === 'refused') throw new ModelRefusedError(reply.model, reply.file, reply.detail)
        throw new Error(`An inference thread answered "${reply.type}" to "load"`)
      } catch (error) {
        // Not waited for: a model that hangs while it loads would hold up whoever aborted.
        void thread.close()
        throw error
      }
    },

    async ended() {
      while (threads.size > 0) await Promise.all([...threads].map((thread) => thread.ended))
    },
  }
}

class PiscinaWorker implements ModelWorker {
  constructor(
    private readonly thread: Thread,
    readonly models: readonly LoadedModel[],
  ) {}

  async run(task: InferenceTask): Promise<InferenceAnswer> {
    const reply = await this.thread.ask({ type: 'run', ...task })
    if (reply.type === 'answered') return { findings: reply.findings, elapsed: reply.elapsed }
    if (reply.type === 'failed') throw new InferenceError(reply.model, reply.detail)
    throw new Error(`An inference thread answered "${reply.type}" to "run"`)
  }

  close(): Promise<void> {
    return this.thread.close()
  }
}

/** One that runs, and one that is there when it has run. */
const mostTasks = 2

interface Task {
  readonly reply: Promise<InferenceReply>
  /** Piscina leaves a task unanswered for ever if its thread dies before it has begun. */
  readonly lose: (error: WorkerDiedError) => void
}

/** One thread, from its start to its end. */
class Thread {
  readonly #pool: Piscina<InferenceRequest, InferenceReply>
  /** Those under way, in the order in which they were given. */
  readonly #tasks = new Set<Task>()
  /** Why the thread is gone. */
  #death: WorkerDiedError | undefined
  #closed: Promise<void> | undefined
  #end: () => void = () => undefined
  /** Resolves when it has been closed and nothing of it is left. */
  readonly ended = new Promise<void>((resolve) => (this.#end = resolve))

  constructor(entry: WorkerEntry) {
    this.#pool = new Piscina<InferenceRequest, InferenceReply>({
      filename: entry.url.href,
      execArgv: entry.execArgv,
      // None to start with: Piscina keeps up its minimum by itself, and a thread in place of a dead one would have no models.
      minThreads: 0,
      maxThreads: 1,
      concurrentTasksPerWorker: mostTasks,
      idleTimeout: Infinity,
    })
    // A thread that ends while it starts, or idle. With a task under way it is the task that fails, and says why.
    this.#pool.on('error', (error: unknown) => {
      const death = this.#died(error)
      for (const { lose } of this.#tasks) lose(death)
    })
    this.#pool.on('workerDestroy', () => {
      if (this.#tasks.size === 0 && this.#closed === undefined) this.#died(new Error('its thread ended'))
    })
  }

  /** @throws {WorkerDiedError} */
  async ask(request: InferenceRequest): Promise<InferenceReply> {
    if (this.#death !== undefined) throw this.#death
    if (this.#closed !== undefined) throw new WorkerDiedError('it was closed')
    if (this.#tasks.size === mostTasks) throw new Error('An inference thread takes one task and one after it')
    let lose: Task['lose'] = () => undefined
    const reply = new Promise<InferenceReply>((resolve, reject) => {
      lose = reject
      this.#pool.run(request).then(resolve, reject)
    })
    const task = { reply, lose }
    this.#tasks.add(task)
    try {
      return await reply
    } catch (error) {
      throw this.#died(error)
    } finally {
      this.#tasks.delete(task)
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#destroy()
    return this.#closed
  }

  async #destroy(): Promise<void> {
    await Promise.allSettled([...this.#tasks].map(({ reply }) => reply))
    await this.#pool.destroy()
    this.#end()
  }

  #died(cause: unknown): WorkerDiedError {
    this.#death ??= new WorkerDiedError(messageOf(cause), { cause })
    return this.#death
  }
}

import type { ModelRunner } from '../ports/model-runner.ts'

/** What the inference threads are doing, whoever has started them and whether or not anybody still waits for them. */
export interface WorkerCounts {
  /** Threads that have loaded their models and were not told to close. */
  readonly running: number
  /** Threads with a frame in hand; ending the process by itself while there are any aborts it. */
  readonly busy: number
}

export interface CountedRunner extends ModelRunner {
  readonly workers: WorkerCounts
}

/** The same runner, counting. */
export function countedRunner(runner: ModelRunner): CountedRunner {
  const workers = { running: 0, busy: 0 }
  return {
    workers,
    async startWorker(models, signal) {
      const worker = await runner.startWorker(models, signal)
      workers.running++
      let closed = false
      let frames = 0
      return {
        models: worker.models,
        async run(task) {
          if (frames++ === 0) workers.busy++
          try {
            return await worker.run(task)
          } finally {
            if (--frames === 0) workers.busy--
          }
        },
        close() {
          if (!closed) workers.running--
          closed = true
          return worker.close()
        },
      }
    },
  }
}

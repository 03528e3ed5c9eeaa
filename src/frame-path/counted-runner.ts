import type { ModelRunner } from '../ports/model-runner.ts'

/** What the inference threads are doing, whoever has started them: those that have loaded their models and were not told to close. */
export interface WorkerCounts {
  readonly running: number
  /** Of those, how many have a frame in hand. */
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
            if (--frames === 0 && !closed) workers.busy--
          }
        },
        close() {
          if (!closed) {
            workers.running--
            if (frames > 0) workers.busy--
          }
          closed = true
          return worker.close()
        },
      }
    },
  }
}

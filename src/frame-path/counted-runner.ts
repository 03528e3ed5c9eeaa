import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { ModelRunner } from '../ports/model-runner.ts'

/** What the inference threads are doing, whoever has started them: those that have loaded their models and were not told to close. */
export interface WorkerCounts {
  readonly running: number
  /** Of those, how many have a frame in hand. */
  readonly busy: number
}

export interface CountedRunner extends ModelRunner {
  readonly workers: WorkerCounts
  /** How long fewer have run than are wanted, however the wall clock was set meanwhile; 0 where none is missing. */
  shortFor(): Milliseconds
}

const moment = seconds(1)

/** The same runner, counting; `wanted` threads are to run. */
export function countedRunner(runner: ModelRunner, wanted: number, clock: Clock): CountedRunner {
  const workers = { running: 0, busy: 0 }
  let shortSince = clock.monotonic()
  let fullSince: Milliseconds | undefined
  function count(by: 1 | -1): void {
    const now = clock.monotonic()
    workers.running += by
    if (workers.running >= wanted) return void (fullSince ??= now)
    // One that has loaded another file than the others is there for a moment, and not put to work.
    if (fullSince !== undefined && now - fullSince >= moment) shortSince = now
    fullSince = undefined
  }
  return {
    workers,
    shortFor: () => milliseconds(fullSince === undefined ? clock.monotonic() - shortSince : 0),
    async startWorker(models, signal) {
      const worker = await runner.startWorker(models, signal)
      count(1)
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
            count(-1)
            if (frames > 0) workers.busy--
          }
          closed = true
          return worker.close()
        },
      }
    },
  }
}

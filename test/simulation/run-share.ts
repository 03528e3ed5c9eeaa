import { parentPort, workerData } from 'node:worker_threads'
import { Coverage } from './coverage.ts'
import { type Run, simulate } from './simulate.ts'

/** What one thread is to do: every `step`th seed of `from` up to `to`. */
export interface Share {
  readonly from: number
  readonly to: number
  readonly step: number
}

export interface ShareDone {
  readonly runs: number
  readonly steps: number
  readonly forgotten: number
  readonly failing: readonly Run[]
  readonly coverage: Coverage['entries']
}

// Nobody reads the stacks of errors that are thrown on purpose.
Error.stackTraceLimit = 0
const { from, to, step } = workerData as Share
const coverage = new Coverage()
const failing: Run[] = []
let runs = 0
let steps = 0
let forgotten = 0
for (let seed = from; seed <= to; seed += step) {
  const run = await simulate({ seed, seen: (...what) => coverage.add(...what) })
  runs++
  steps += run.steps
  forgotten += run.forgotten
  if (run.violation !== undefined) failing.push(run)
}
const done: ShareDone = { runs, steps, forgotten, failing, coverage: coverage.entries }
parentPort?.postMessage(done)

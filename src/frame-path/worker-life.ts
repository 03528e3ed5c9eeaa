import type { InferenceAnswer } from '../domain/inference-task.ts'
import type { ModelWorker } from '../ports/model-runner.ts'
import type { FrameSupply } from './frame-supply.ts'
import type { InferenceJob } from './inference-job.ts'
import { type Outcome, outcomeOf, type RunOptions } from './timed-run.ts'

export interface LifeOptions extends RunOptions {
  readonly frames: FrameSupply
  /** Hears what became of each frame, in the order in which they were run. */
  readonly onOutcome: (job: InferenceJob, outcome: Outcome) => void
}

/** A worker that is fit for no other frame after this one. */
export interface LostWorker {
  readonly job: InferenceJob
  readonly outcome: Exclude<Outcome, { type: 'answered' | 'failed' }>
}

/** A frame that a worker has been given. */
interface Given {
  readonly job: InferenceJob
  readonly run: Promise<InferenceAnswer>
}

/** One worker's life: frame after frame, until there are no more for it, or it is lost. */
export async function workerLife(worker: ModelWorker, options: LifeOptions): Promise<LostWorker | undefined> {
  const { frames, cutOff, onOutcome } = options
  const give = (job: InferenceJob | undefined): Given | undefined => {
    if (job === undefined) return undefined
    // Taken just before the end: nobody has begun with it.
    if (cutOff.isMade) return void job.giveBack()
    const run = worker.run(job.task)
    // It is heard when its turn has come.
    run.catch(() => undefined)
    return { job, run }
  }

  let given = give(await frames.next())
  while (given !== undefined) {
    const { job, run }: Given = given
    const ahead = give(frames.takeAhead())
    const outcome = await outcomeOf(run, options)
    if (outcome.type !== 'answered' && outcome.type !== 'failed') {
      if (ahead !== undefined) frames.giveBackAhead(ahead.job)
      onOutcome(job, outcome)
      return { job, outcome }
    }
    if (ahead !== undefined) frames.beginAhead()
    onOutcome(job, outcome)
    given = ahead ?? give(await frames.next())
  }
  return undefined
}

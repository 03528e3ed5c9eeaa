import type { FrameId } from '../domain/frame.ts'
import type { InferenceError } from '../domain/inference-errors.ts'
import type { ModelToLoad } from '../domain/model.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { ModelRunner } from '../ports/model-runner.ts'
import type { FrameScheduler } from './frame-scheduler.ts'
import type { HungThreads } from './hung-threads.ts'

export interface PoolOptions {
  readonly runner: ModelRunner
  /** Asked for with each worker that is started. */
  readonly models: readonly ModelToLoad[]
  readonly workers: number
  /** How long a frame may take in a worker, all its models together. */
  readonly deadline: Milliseconds
  /** So many threads that hang are too many; as many as there are workers, and two at least, if not given. */
  readonly mostWedged?: number | undefined
  /** Those of pools before this one, too: they count until they come back. */
  readonly hung: HungThreads
  readonly scheduler: FrameScheduler
  readonly clock: Clock
  /** Hears why a model failed on a frame. */
  readonly onFailedFrame: (frame: FrameId, error: InferenceError) => void
  /** Cuts everything off. */
  readonly signal: AbortSignal
  /** Asks for a drain: frames that wait are run, no others are taken. */
  readonly finish: AbortSignal
}

import type { FailCause } from '../domain/frame-account.ts'
import type { CapturedFrame } from '../domain/frame.ts'
import type { InferenceAnswer, InferenceTask } from '../domain/inference-task.ts'

/** One frame taken for inference. Whoever takes it says once how it went, or gives it back, or its camera's account never closes. */
export interface InferenceJob {
  readonly frame: CapturedFrame
  readonly task: InferenceTask
  /** All models have answered: the frame is inspected now. Resolves when its rows have been handed over, in frame order. */
  answered(answer: InferenceAnswer): Promise<void>
  /** There is no answer and there will be none. Resolves when those before it have been handed over. */
  failed(cause: FailCause): Promise<void>
  /** Nobody has begun with it: it waits again, before all others of its camera. */
  giveBack(): void
}

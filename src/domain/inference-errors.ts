import { OperatingError } from './errors.ts'

/** A model cannot be used as configured: unreadable, or its shape, type or labels don't fit. */
export class ModelRefusedError extends OperatingError {
  readonly code = 'model.refused'
  constructor(
    readonly model: string,
    readonly file: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Model ${model} (${file}) is refused: ${detail}`, options)
  }
}

/** A model's run failed for one frame. */
export class InferenceError extends OperatingError {
  readonly code = 'inference.failed'
  constructor(
    readonly model: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Model ${model} failed on a frame: ${detail}`, options)
  }
}

/** An inference thread ended by itself. */
export class WorkerDiedError extends OperatingError {
  readonly code = 'inference.worker-died'
  constructor(
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`An inference worker died: ${detail}`, options)
  }
}

/** Too many workers hang in a task past its deadline. */
export class InferenceWedgedError extends OperatingError {
  readonly code = 'inference.wedged'
  constructor(
    readonly workers: number,
    options?: ErrorOptions,
  ) {
    super(`${workers} inference workers hang in a task past its deadline; only ending the process frees them`, options)
  }
}

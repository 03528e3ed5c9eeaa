import type { Box } from './fitting.ts'
import type { Fit, PictureSize } from './frame.ts'
import type { Finding } from './inspection.ts'
import type { ModelUse } from './model.ts'
import type { Milliseconds } from './units.ts'

/** Plain data that crosses to a thread: one frame, all models of its camera. */
export interface InferenceTask {
  readonly picture: SharedPicture
  /** The frame before it in the same stream; present where a model takes two. */
  readonly previous: SharedPicture | undefined
  /** The camera's own picture; boxes are given in its pixels. */
  readonly sourceSize: PictureSize
  /** The part of it that the pictures show; all of it if not given. */
  readonly crop?: Box
  readonly fit: Fit
  readonly models: readonly ModelUse[]
}

/** A picture in shared memory: planes of red, green and blue, 8 bits, `size.width * size.height * 3` bytes from `byteOffset`. */
export interface SharedPicture {
  readonly buffer: SharedArrayBuffer
  readonly byteOffset: number
  readonly size: PictureSize
}

export interface InferenceAnswer {
  /** One for each of the task's models, in their order. */
  readonly findings: readonly Finding[]
  /** Spent in the worker: copying, running, decoding. */
  readonly elapsed: Milliseconds
}

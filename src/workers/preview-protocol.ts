import type { Box } from '../domain/fitting.ts'
import type { PictureSize } from '../domain/frame.ts'
import type { SharedPicture } from '../domain/inference-task.ts'
import type { Milliseconds } from '../domain/units.ts'

/** A picture to be made a JPEG of, with boxes. */
export interface PreviewRequest {
  /** Nothing is written over it before the thread has answered. */
  readonly picture: SharedPicture
  /** In the picture's pixels. */
  readonly boxes: readonly LabelledBox[]
  /** What of the picture is shown: all but the bars. Whole pixels. */
  readonly region: Box
  /** What the region is scaled to: the shape of the camera's own picture. */
  readonly shown: PictureSize
}

export interface LabelledBox extends Box {
  readonly label: string
}

/** Answers come in the order of the requests. The thread holds nothing but memory, and may be terminated at any moment. */
export type PreviewReply =
  | { readonly type: 'encoded'; readonly jpeg: Uint8Array<ArrayBuffer>; readonly elapsed: Milliseconds }
  | { readonly type: 'failed'; readonly detail: string }

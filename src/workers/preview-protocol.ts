import type { Box } from '../domain/fitting.ts'
import type { PictureSize } from '../domain/frame.ts'
import type { Milliseconds } from '../domain/units.ts'

/** A picture to be drawn on and made a JPEG of. */
export interface PreviewRequest {
  /** Planes of red, green and blue; the thread's own from here on. */
  readonly planes: Uint8Array<ArrayBuffer>
  readonly size: PictureSize
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

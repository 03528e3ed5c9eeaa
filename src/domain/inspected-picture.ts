import type { Box } from './fitting.ts'
import type { Fit, PictureSize } from './frame.ts'
import type { SharedPicture } from './inference-task.ts'
import type { Inspection } from './inspection.ts'

/** A camera's last inspected frame and the picture that the models were shown. */
export interface InspectedPicture {
  readonly inspection: Inspection
  /** The part of the camera's own picture that it shows, in the pixels in which boxes are too. */
  readonly region: Box
  readonly size: PictureSize
  readonly fit: Fit
  /** To be called at once: without it the picture stays where it is only until the next frame is inspected. */
  readonly hold: () => HeldPicture
}

/** Nothing is written over it until it is released, which takes a place from what the camera sends. */
export interface HeldPicture {
  readonly picture: SharedPicture
  readonly release: () => void
}

/** `unknown`: there is no such camera. `none`: nothing of it has been inspected yet. */
export type Looked = InspectedPicture | 'unknown' | 'none'

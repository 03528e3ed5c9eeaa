import type { Box } from './fitting.ts'
import type { Fit, PictureSize } from './frame.ts'
import type { Inspection } from './inspection.ts'

/** A camera's last inspected frame and the picture that the models were shown. */
export interface InspectedPicture {
  readonly inspection: Inspection
  /** The part of the camera's own picture that it shows, in the pixels in which boxes are too. */
  readonly region: Box
  readonly size: PictureSize
  readonly fit: Fit
  /** Planes of red, green and blue. To be called at once: the picture itself stays where it is only until the next frame is inspected. */
  readonly copy: () => Uint8Array<ArrayBuffer>
}

/** `unknown`: there is no such camera. `none`: nothing of it has been inspected yet. */
export type Looked = InspectedPicture | 'unknown' | 'none'

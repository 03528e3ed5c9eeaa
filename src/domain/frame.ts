import type { CameraId, Epoch } from './ids.ts'
import type { EpochMs } from './units.ts'

/** Width and height in pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

export const isSameSize = (one: PictureSize, other: PictureSize): boolean =>
  one.width === other.width && one.height === other.height

/** Every picture on the frame path is three planes of 8 bits, red, green and blue, each with its rows from the top and no padding. */
export const bytesPerPixel = 3

export const bytesPerPicture = ({ width, height }: PictureSize): number => width * height * bytesPerPixel

/** Names one frame. `number` counts up from 0 within an epoch and never starts again in it, whatever the reconnects. */
export interface FrameId {
  readonly cameraId: CameraId
  readonly epoch: Epoch
  readonly number: number
}

/** A frame and the moment its last byte arrived. */
export interface CapturedFrame extends FrameId {
  readonly capturedAt: EpochMs
}

/** How a camera's picture is fitted into the size that is asked for: with grey bars, distorted, or by its middle alone. */
export type Fit = 'letterbox' | 'stretch' | 'cover'

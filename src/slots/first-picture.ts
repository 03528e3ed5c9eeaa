import type { CameraConfig } from '../config/config.ts'
import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'

/** A live camera's first picture may take so long; longer where its pictures may be further apart than that, as `stallAfter` says. */
export const firstPictureWithin = ({ stallAfter }: CameraConfig): Milliseconds =>
  milliseconds(Math.max(seconds(15), stallAfter === 'auto' ? 0 : stallAfter))

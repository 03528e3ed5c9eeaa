import { type Box, fitting, letterboxGrey } from '../../domain/fitting.ts'
import { bytesPerPicture, type Fit, type PictureSize } from '../../domain/frame.ts'

/** What of the belt's own picture is delivered, in pictures of its size too. */
export interface BeltCut {
  readonly crop: Box
  readonly fit: Fit
}

/** Cuts `crop` out of planes and brings it to the size of the whole, pixel by pixel without smoothing: a belt is drawn here anyway. */
export function createCutter(size: PictureSize, { crop, fit }: BeltCut): (from: Uint8Array, to: Uint8Array) => void {
  const { width, height } = size
  const plane = width * height
  const { scaleX, scaleY, offsetX, offsetY } = fitting(crop, size, fit)
  // For each column and row its place in the whole; -1: a bar.
  const places = (length: number, scale: number, offset: number, start: number, extent: number): Int32Array =>
    Int32Array.from({ length }, (_, at) => {
      const inside = Math.floor((at + 0.5 - offset) / scale)
      return inside < 0 || inside >= extent ? -1 : start + inside
    })
  const columns = places(width, scaleX, offsetX, crop.x, crop.width)
  const rows = places(height, scaleY, offsetY, crop.y, crop.height)
  return (from, to) => {
    if (to.length !== bytesPerPicture(size)) {
      throw new RangeError(`A ${width}x${height} belt needs ${bytesPerPicture(size)} bytes, got ${to.length}`)
    }
    to.fill(letterboxGrey)
    for (const [y, row] of rows.entries()) {
      if (row < 0) continue
      for (let x = 0; x < width; x++) {
        const column = columns[x] as number
        if (column >= 0) to[y * width + x] = from[row * width + column] as number
      }
    }
    // Grey: all three planes are equal.
    to.copyWithin(plane, 0, plane)
    to.copyWithin(2 * plane, 0, plane)
  }
}

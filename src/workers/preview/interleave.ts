import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'

/**
 * What of a picture in planes of red, green and blue lies in `region` (whole pixels), as bytes RGBRGB…: 0.5 ms for 320x180, where libvips takes 2.
 *
 * @throws {RangeError} the planes are not of that size, or the region is not within it
 */
export function interleave(planes: Uint8Array, size: PictureSize, region: Box): Uint8Array<ArrayBuffer> {
  const count = size.width * size.height
  if (planes.length !== 3 * count)
    throw new RangeError(`${planes.length} bytes are no three planes of ${size.width}x${size.height}`)
  if (region.x < 0 || region.y < 0 || region.x + region.width > size.width || region.y + region.height > size.height)
    throw new RangeError(`the region does not lie within ${size.width}x${size.height}`)
  const bytes = new Uint8Array(region.width * region.height * 3)
  let at = 0
  for (let row = 0; row < region.height; row++) {
    const begin = (region.y + row) * size.width + region.x
    for (let from = begin; from < begin + region.width; from++) {
      bytes[at++] = planes[from]!
      bytes[at++] = planes[from + count]!
      bytes[at++] = planes[from + 2 * count]!
    }
  }
  return bytes
}

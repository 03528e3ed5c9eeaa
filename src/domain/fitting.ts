import type { Fit, PictureSize } from './frame.ts'

/** Where the source's picture lies inside the target: `target = source * scale + offset`, for each axis, in pixels. */
export interface Fitting {
  readonly scaleX: number
  readonly scaleY: number
  readonly offsetX: number
  readonly offsetY: number
}

/** The grey of the bars that letter-boxing adds, as Ultralytics pads: 114 of 255. */
export const letterboxGrey = 114

/**
 * How `source` comes to lie in `target`; all but stretching keeps the aspect ratio and centres, both as near as whole pixels allow, as ffmpeg does:
 * sides are rounded, and where the bars, or what sticks out, cannot be equal, the left and the upper one are the narrower.
 */
export function fitting(source: PictureSize, target: PictureSize, fit: Fit): Fitting {
  const width = side[fit](target.width, (target.height * source.width) / source.height)
  const height = side[fit](target.height, (target.width * source.height) / source.width)
  return {
    scaleX: width / source.width,
    scaleY: height / source.height,
    offsetX: middle(target.width - width),
    offsetY: middle(target.height - height),
  }
}

/** Of the target's side, and of the one that would keep the shape. */
const side: Readonly<Record<Fit, (target: number, exact: number) => number>> = {
  letterbox: (target, exact) => Math.min(target, Math.max(1, Math.round(exact))),
  stretch: (target) => target,
  cover: (target, exact) => Math.max(target, Math.round(exact)),
}

/** Half of it, towards 0; a 0 without a sign. */
const middle = (left: number): number => Math.trunc(left / 2) + 0

/** A box by its top left corner; pixels. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Undoes `fitting` for a box and cuts it at the edges of the source. */
export function unfit(box: Box, by: Fitting, source: PictureSize): Box {
  const left = clamp((box.x - by.offsetX) / by.scaleX, source.width)
  const top = clamp((box.y - by.offsetY) / by.scaleY, source.height)
  const right = clamp((box.x + box.width - by.offsetX) / by.scaleX, source.width)
  const bottom = clamp((box.y + box.height - by.offsetY) / by.scaleY, source.height)
  return { x: left, y: top, width: right - left, height: bottom - top }
}

const clamp = (value: number, max: number): number => Math.min(Math.max(value, 0), max)

/** The part of a camera's own picture that is looked at: `crop`, or all of it. */
export const regionOf = ({ width, height }: PictureSize, crop: Box | undefined): Box =>
  crop ?? { x: 0, y: 0, width, height }

export const liesWithin = (box: Box, { width, height }: PictureSize): boolean =>
  box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height

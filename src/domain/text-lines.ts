import type { Box } from './fitting.ts'
import type { PictureSize } from './frame.ts'

/** Pixels that are more likely text than this belong to a line; a line whose pixels are less likely on average is none. As PP-OCR has them. */
const pixelThreshold = 0.3
const lineThreshold = 0.6
/** A detector marks the inner part of a line: its box grows by so many times its area over its outline. */
const growth = 1.5
/** Less is dust. */
const leastSide = 3
/** Each has to be read, which takes about as long as a small detector. */
export const mostLines = 32

interface Patch {
  left: number
  top: number
  right: number
  bottom: number
  pixels: number
  sum: number
}

/**
 * The boxes of lines of text in a detector's map of likelihoods (differentiable binarization, as PP-OCR's), in the map's pixels and in the order in
 * which people read. Lines are taken to lie level.
 *
 * @throws {RangeError} the map doesn't have that size, or a likelihood is not a number.
 */
export function findTextLines(map: Float32Array, size: PictureSize): Box[] {
  if (map.length !== size.width * size.height) {
    throw new RangeError(
      `a map of ${size.width}x${size.height} has ${size.width * size.height} values, found ${map.length}`,
    )
  }
  const odd = map.findIndex((likelihood) => !Number.isFinite(likelihood))
  if (odd !== -1) {
    const y = Math.floor(odd / size.width)
    throw new RangeError(`pixel ${odd - y * size.width}, ${y} has the likelihood ${map[odd]}`)
  }
  const lines = patches(map, size)
    .filter(({ pixels, sum }) => sum / pixels >= lineThreshold)
    .map(({ left, top, right, bottom }) => ({ x: left, y: top, width: right - left + 1, height: bottom - top + 1 }))
    .filter(({ width, height }) => Math.min(width, height) >= leastSide)
    .toSorted((a, b) => b.width * b.height - a.width * a.height)
    .slice(0, mostLines)
  return inReadingOrder(lines.map((line) => grown(line, size)))
}

/** Pixels that touch one another, by a side or a corner. */
function patches(map: Float32Array, { width, height }: PictureSize): Patch[] {
  const found: Patch[] = []
  const seen = new Uint8Array(map.length)
  const stack: number[] = []
  const reach = (at: number): void => {
    if (seen[at] === 1 || (map[at] as number) <= pixelThreshold) return
    seen[at] = 1
    stack.push(at)
  }
  for (let start = 0; start < map.length; start++) {
    reach(start)
    if (stack.length === 0) continue
    const patch: Patch = { left: width, top: height, right: 0, bottom: 0, pixels: 0, sum: 0 }
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const x = at % width
      const y = (at - x) / width
      patch.left = Math.min(patch.left, x)
      patch.right = Math.max(patch.right, x)
      patch.top = Math.min(patch.top, y)
      patch.bottom = Math.max(patch.bottom, y)
      patch.pixels++
      patch.sum += map[at] as number
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
          reach(row * width + column)
      }
    }
    found.push(patch)
  }
  return found
}

function grown({ x, y, width, height }: Box, size: PictureSize): Box {
  const by = (width * height * growth) / (2 * (width + height))
  const left = Math.max(0, x - by)
  const top = Math.max(0, y - by)
  return {
    x: left,
    y: top,
    width: Math.min(size.width, x + width + by) - left,
    height: Math.min(size.height, y + height + by) - top,
  }
}

/** From the top down; of those that lie beside one another, from the left. */
function inReadingOrder(lines: readonly Box[]): Box[] {
  const rows: Box[][] = []
  for (const line of lines.toSorted((a, b) => a.y + a.height / 2 - (b.y + b.height / 2))) {
    const row = rows.at(-1)
    const first = row?.[0]
    const middle = line.y + line.height / 2
    if (row !== undefined && first !== undefined && middle < first.y + first.height) row.push(line)
    else rows.push([line])
  }
  return rows.flatMap((row) => row.toSorted((a, b) => a.x - b.x))
}

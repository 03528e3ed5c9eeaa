import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'
import type { LabelledBox } from '../preview-protocol.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** Told apart by eye from one another and from grey steel. */
const palette: readonly Colour[] = [
  [255, 64, 64],
  [64, 224, 64],
  [64, 160, 255],
  [255, 200, 0],
  [255, 96, 255],
  [0, 224, 224],
  [255, 128, 0],
  [176, 128, 255],
]

/**
 * Draws the outline of each box into the pixels (RGBRGB…) of what `region` is of a picture of that size; boxes of one label have one colour, whatever
 * else is in the picture.
 */
export function drawBoxes(pixels: Uint8Array, region: Box, size: PictureSize, boxes: readonly LabelledBox[]): void {
  const line = Math.max(1, Math.round(Math.min(size.width, size.height) / 320))
  for (const { label, ...box } of boxes) {
    const colour = colourOf(label)
    for (const edge of edges(box, line)) fill(pixels, region, edge, colour)
  }
}

/** The four sides, inside the box. */
function edges({ x, y, width, height }: Box, line: number): Box[] {
  return [
    { x, y, width, height: line },
    { x, y: y + height - line, width, height: line },
    { x, y, width: line, height },
    { x: x + width - line, y, width: line, height },
  ]
}

function fill(pixels: Uint8Array, region: Box, area: Box, [red, green, blue]: Colour): void {
  const left = Math.max(0, Math.round(area.x) - region.x)
  const right = Math.min(region.width, Math.round(area.x + area.width) - region.x)
  const top = Math.max(0, Math.round(area.y) - region.y)
  const bottom = Math.min(region.height, Math.round(area.y + area.height) - region.y)
  for (let row = top; row < bottom; row++) {
    for (let at = 3 * (row * region.width + left); at < 3 * (row * region.width + right); at += 3) {
      pixels[at] = red
      pixels[at + 1] = green
      pixels[at + 2] = blue
    }
  }
}

function colourOf(label: string): Colour {
  let hash = 0
  for (const character of label) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return palette[hash % palette.length] as Colour
}

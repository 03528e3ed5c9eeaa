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

/** Draws the outline of each box into the planes; boxes of one label have one colour, whatever else is in the picture. */
export function drawBoxes(planes: Uint8Array, size: PictureSize, boxes: readonly LabelledBox[]): void {
  const line = Math.max(1, Math.round(Math.min(size.width, size.height) / 320))
  for (const { label, ...box } of boxes) {
    const colour = colourOf(label)
    for (const edge of edges(box, line)) fill(planes, size, edge, colour)
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

function fill(planes: Uint8Array, size: PictureSize, area: Box, colour: Colour): void {
  const left = Math.max(0, Math.round(area.x))
  const right = Math.min(size.width, Math.round(area.x + area.width))
  const top = Math.max(0, Math.round(area.y))
  const bottom = Math.min(size.height, Math.round(area.y + area.height))
  if (right <= left) return
  for (const [plane, value] of colour.entries()) {
    const start = plane * size.width * size.height
    for (let row = top; row < bottom; row++) {
      planes.fill(value, start + row * size.width + left, start + row * size.width + right)
    }
  }
}

function colourOf(label: string): Colour {
  let hash = 0
  for (const character of label) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 65_521
  return palette[hash % palette.length] as Colour
}

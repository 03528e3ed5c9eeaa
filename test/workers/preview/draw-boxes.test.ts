import { describe, expect, it } from 'vitest'
import type { Box } from '../../../src/domain/fitting.ts'
import type { PictureSize } from '../../../src/domain/frame.ts'
import { drawBoxes } from '../../../src/workers/preview/draw-boxes.ts'
import type { LabelledBox } from '../../../src/workers/preview-protocol.ts'

/** Row by row: `#` where something was drawn, `.` where the picture is as it was. */
function drawn(size: PictureSize, ...boxes: LabelledBox[]): string[] {
  return drawnInto({ x: 0, y: 0, ...size }, size, ...boxes)
}

function drawnInto(region: Box, size: PictureSize, ...boxes: LabelledBox[]): string[] {
  const pixels = new Uint8Array(3 * region.width * region.height)
  drawBoxes(pixels, region, size, boxes)
  const touched = (at: number): boolean => [0, 1, 2].some((colour) => pixels[3 * at + colour] !== 0)
  return Array.from({ length: region.height }, (_, y) =>
    Array.from({ length: region.width }, (_, x) => (touched(y * region.width + x) ? '#' : '.')).join(''),
  )
}

const size = { width: 8, height: 6 }
const box = (x: number, y: number, width: number, height: number, label = 'bolt') => ({ x, y, width, height, label })

describe('the outline of a box', () => {
  it('is its four sides, inside of it', () => {
    expect(drawn(size, box(1, 1, 5, 4))).toEqual([
      '........', //
      '.#####..',
      '.#...#..',
      '.#...#..',
      '.#####..',
      '........',
    ])
  })

  it('is cut at the edges of the picture', () => {
    expect(drawn(size, box(-2, -2, 5, 4), box(5, 3, 9, 9))).toEqual([
      '..#.....',
      '###.....',
      '........',
      '.....###',
      '.....#..',
      '.....#..',
    ])
  })

  it('is nothing where the box lies outside', () => {
    expect(drawn(size, box(8, 6, 4, 4), box(-5, -5, 4, 4))).toEqual(Array.from({ length: 6 }, () => '........'))
  })

  it('is where the box lies in the part of the picture that is shown, and cut at its edges', () => {
    const region = { x: 2, y: 1, width: 4, height: 4 }
    expect(drawnInto(region, size, box(3, 2, 5, 2))).toEqual([
      '....', //
      '.###',
      '.###',
      '....',
    ])
  })

  it('is three pixels wide in a picture of 960, so that it can be seen', () => {
    const lines = drawn({ width: 960, height: 960 }, box(100, 100, 50, 50))
    expect(lines[125]?.slice(95, 155)).toBe(`.....###${'.'.repeat(44)}###.....`)
  })

  it('has one colour for one label, and another for another', () => {
    const colours = (...labels: string[]) => {
      const pixels = new Uint8Array(3 * 48)
      const boxes = labels.map((label, at) => box(2 * at, 0, 1, 1, label))
      drawBoxes(pixels, { x: 0, y: 0, ...size }, size, boxes)
      return labels.map((_, at) => [...pixels.subarray(6 * at, 6 * at + 3)])
    }
    const [bolt, nut, again] = colours('bolt', 'nut', 'bolt')
    expect(again).toEqual(bolt)
    expect(nut).not.toEqual(bolt)
  })
})

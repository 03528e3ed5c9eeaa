import { describe, expect, it } from 'vitest'
import { interleave } from '../../../src/workers/preview/interleave.ts'

describe('planes', () => {
  it('become pixels, one after the other, of the region alone', () => {
    // Red 0 to 11, green 100 to 111, blue 200 to 211: four columns, three rows.
    const planes = Uint8Array.from({ length: 36 }, (_, index) => Math.floor(index / 12) * 100 + (index % 12))
    const size = { width: 4, height: 3 }
    const pixels = interleave(planes, size, { x: 1, y: 1, width: 2, height: 2 })
    expect([...pixels]).toEqual([5, 105, 205, 6, 106, 206, 9, 109, 209, 10, 110, 210])
    expect([...interleave(planes, size, { x: 0, y: 0, ...size })].slice(-3)).toEqual([11, 111, 211])
  })

  it('of another size are none', () => {
    const size = { width: 4, height: 3 }
    const region = { x: 0, y: 0, ...size }
    expect(() => interleave(new Uint8Array(35), size, region)).toThrow(
      new RangeError('35 bytes are no three planes of 4x3'),
    )
  })

  it.each([
    { x: -1, y: 0, width: 2, height: 2 },
    { x: 0, y: -1, width: 2, height: 2 },
    { x: 3, y: 0, width: 2, height: 2 },
    { x: 0, y: 2, width: 2, height: 2 },
  ])('are cut nowhere but within the picture: %j', (region) => {
    expect(() => interleave(new Uint8Array(36), { width: 4, height: 3 }, region)).toThrow(
      new RangeError('the region does not lie within 4x3'),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { findTextLines } from '../../src/domain/text-lines.ts'

const size = { width: 100, height: 60 }

function mapWith(
  ...patches: readonly (readonly [x: number, y: number, width: number, height: number, value: number])[]
) {
  const map = new Float32Array(size.width * size.height)
  for (const [x, y, width, height, value] of patches) {
    for (let row = y; row < y + height; row++) map.fill(value, row * size.width + x, row * size.width + x + width)
  }
  return map
}

describe('a map of where text is', () => {
  it('has a line for each patch, grown by its area over its outline', () => {
    // 20 x 10 grow by 20 * 10 * 1.5 / 60 = 5 on each side.
    expect(findTextLines(mapWith([30, 20, 20, 10, 0.9]), size)).toEqual([{ x: 25, y: 15, width: 30, height: 20 }])
  })

  it('has none where the patch is dust, or not likely enough on average', () => {
    expect(findTextLines(mapWith([30, 20, 20, 2, 0.9], [30, 40, 20, 10, 0.59]), size)).toEqual([])
  })

  it.each([NaN, Infinity, -Infinity])(
    'is refused where it has a %d: that is no likelihood, and not "no text"',
    (value) => {
      expect(() => findTextLines(new Float32Array(size.width * size.height).fill(value), size)).toThrow(RangeError)
      expect(() => findTextLines(mapWith([99, 59, 1, 1, value]), size)).toThrow(
        `pixel 99, 59 has the likelihood ${value}`,
      )
    },
  )

  it('has one where the patch is just more than dust', () => {
    expect(findTextLines(mapWith([30, 20, 20, 3, 0.9]), size)).toHaveLength(1)
  })

  it('has the 32 largest of more', () => {
    // 36 of 3 x 3, but for the last four, which are 4 high and grow more.
    const map = mapWith(
      ...Array.from(
        { length: 36 },
        (_, at) => [(at % 12) * 8, 2 + Math.floor(at / 12) * 16, 3, at < 32 ? 3 : 4, 1] as const,
      ),
    )
    const lines = findTextLines(map, size)
    expect(lines).toHaveLength(32)
    expect(lines.filter(({ height }) => height > 6)).toHaveLength(4)
  })

  it('gives its lines from the top down, those beside one another from the left', () => {
    const map = mapWith([60, 6, 20, 6, 1], [5, 8, 20, 6, 1], [30, 40, 20, 6, 1])
    expect(findTextLines(map, size).map(({ x }) => Math.round(x))).toEqual([2, 57, 27])
  })

  it('is refused where it has another size', () => {
    expect(() => findTextLines(new Float32Array(5), size)).toThrow('a map of 100x60 has 6000 values, found 5')
  })
})

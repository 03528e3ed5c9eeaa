import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { fitting } from '../../../src/domain/fitting.ts'
import type { Fit, PictureSize } from '../../../src/domain/frame.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { makeYuvClip, type YuvClip } from '../../support/make-yuv-clip.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-colours-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The first picture of such a clip, brought to `size`: red, green and blue of each pixel. */
async function read(clip: YuvClip, size: PictureSize, fit: Fit) {
  const path = join(folder, 'clip.mp4')
  await makeYuvClip(path, clip)
  const sink = new MemoryFrameSink(size, { lossless: true })
  const input = { type: 'file', path } as const
  const stream = await createFfmpegSource({ cameraId: cameraId('dock-1'), input, fit, clock: systemClock }).open(
    sink,
    new AbortController().signal,
  )
  expect((await stream.ended).kind).toBe('finished')
  const [picture = new Uint8Array()] = sink.pictures
  const plane = size.width * size.height
  return (x: number, y: number) => [0, 1, 2].map((channel) => picture[channel * plane + y * size.width + x])
}

/** How much of luma are red and blue (ITU-R BT.601 and BT.709, item 3.2 of both). */
const lumaShares = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722] } as const

/** Red, green and blue by the two standards, from luma and the differences of colour. */
function colourOf(
  [luma, blue, red]: readonly [number, number, number],
  matrix: 'bt601' | 'bt709',
  range: 'limited' | 'full',
): number[] {
  const [ofRed, ofBlue] = lumaShares[matrix]
  const y = range === 'full' ? luma : ((luma - 16) * 255) / 219
  const [pb, pr] = [blue, red].map((value) => (range === 'full' ? value - 128 : ((value - 128) * 255) / 224)) as [number, number] // prettier-ignore
  const r = y + 2 * (1 - ofRed) * pr
  const b = y + 2 * (1 - ofBlue) * pb
  const g = (y - ofRed * r - ofBlue * b) / (1 - ofRed - ofBlue)
  return [r, g, b].map((level) => Math.min(255, Math.max(0, level)))
}

const quarters = [
  [81, 90, 240],
  [145, 54, 34],
  [60, 180, 110],
  [170, 100, 160],
] as const

describe('the colours of a camera', () => {
  // Where a stream says nothing, ffmpeg supposes BT.601, whatever the size of its picture.
  const streams = [
    { matrix: undefined, is: 'bt601' },
    { matrix: 'smpte170m', is: 'bt601' },
    { matrix: 'bt709', is: 'bt709' },
  ] as const
  const cases = streams.flatMap((stream) =>
    (['limited', 'full'] as const).flatMap((range) =>
      (['letterbox', 'stretch'] as const).map((fit) => ({ ...stream, range, fit })),
    ),
  )

  it.each(cases)('are $is of $range range where the stream says $matrix ($fit)', async ({ matrix, is, range, fit }) => {
    const size = { width: 64, height: 64 }
    const at = (x: number, y: number) => quarters[(x < 32 ? 0 : 1) + (y < 32 ? 0 : 2)] as (typeof quarters)[number]
    const pixel = await read({ size, range, at, ...(matrix && { matrix }) }, { width: 32, height: 32 }, fit)
    for (const [index, colour] of quarters.entries()) {
      const found = pixel(index % 2 === 0 ? 8 : 24, index < 2 ? 8 : 24)
      const expected = colourOf(colour, is, range)
      const worst = Math.max(...found.map((level, channel) => Math.abs((level ?? NaN) - (expected[channel] ?? NaN))))
      expect(worst, `${found.join()} for ${expected.join()}`).toBeLessThanOrEqual(2)
    }
  })

  it.each(['letterbox', 'stretch'] as const)('lie where they lay, about the centres of pixels (%s)', async (fit) => {
    // Two levels brighter with each pixel.
    const size = { width: 96, height: 64 }
    const pixel = await read({ size, range: 'full', at: (x) => [30 + 2 * x, 128, 128] }, { width: 24, height: 16 }, fit)
    for (let x = 1; x < 23; x++) {
      const [level = NaN] = pixel(x, 8)
      // A pixel of four, whose centre lies between the second and the third.
      expect(Math.abs(level - (30 + 2 * (4 * x + 1.5)))).toBeLessThanOrEqual(1)
    }
  })

  it.each([
    { size: { width: 322, height: 160 }, into: { width: 160, height: 160 }, first: { x: 81, y: 0 } },
    { size: { width: 324, height: 160 }, into: { width: 161, height: 160 }, first: { x: 81, y: 0 } },
    { size: { width: 160, height: 324 }, into: { width: 160, height: 161 }, first: { x: 0, y: 81 } },
    { size: { width: 326, height: 160 }, into: { width: 161, height: 160 }, first: { x: 82, y: 0 } },
  ])('are those of the middle where it is to cover, as the domain says: $size in $into', async (given) => {
    const { size, into, first } = given
    const { offsetX, offsetY } = fitting(size, into, 'cover')
    expect([offsetX + first.x, offsetY + first.y]).toEqual([0, 0])
    // Two levels brighter with each pixel.
    const levelOf = (x: number, y: number) => Math.min(255, Math.max(0, 2 * (x + y - 70)))
    const pixel = await read({ size, range: 'full', at: (x, y) => [levelOf(x, y), 128, 128] }, into, 'cover')
    expect(Math.abs((pixel(0, 0)[0] ?? NaN) - levelOf(first.x, first.y))).toBeLessThanOrEqual(1)
  })

  it.each(['letterbox', 'stretch'] as const)('are those of every pixel, however many become one (%s)', async (fit) => {
    const size = { width: 96, height: 64 }
    const at = (x: number, y: number) => [(x + y) % 2 === 0 ? 40 : 200, 128, 128] as const
    const pixel = await read({ size, range: 'full', at }, { width: 24, height: 16 }, fit)
    for (let x = 1; x < 23; x++) expect(Math.abs((pixel(x, 8)[1] ?? NaN) - 120)).toBeLessThanOrEqual(4)
  })
})

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { CameraCropError } from '../../../src/domain/camera-errors.ts'
import type { Box } from '../../../src/domain/fitting.ts'
import type { PictureSize } from '../../../src/domain/frame.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { drawHalves, makeClip } from '../../support/make-clip.ts'

const size = { width: 176, height: 144 }
const red = [220, 30, 30]
const blue = [30, 30, 220]
const grey = [114, 114, 114]
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-shape-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The first picture of a recording, and the size that it has at the source. */
async function firstPicture(path: string, into: PictureSize, crop?: Box) {
  const sink = new MemoryFrameSink(into, { lossless: true })
  const input = { type: 'file', path } as const
  const common = { cameraId: cameraId('dock-1'), input, fit: 'letterbox', clock: systemClock } as const
  const stream = await createFfmpegSource({ ...common, ...(crop && { crop }) }).open(sink, new AbortController().signal)
  expect((await stream.ended).kind).toBe('finished')
  const picture = sink.pictures[0] ?? new Uint8Array()
  const colour = (x: number, y: number) =>
    [0, 1, 2].map((plane) => picture[(plane * into.height + y) * into.width + x] ?? NaN)
  return { sourceSize: stream.sourceSize, colour }
}
const near = (colour: number[]) => colour.map((level) => expect.closeTo(level, -1.2) as number)

/** By its bytes: the options that ffmpeg has for it differ from version to version. */
async function turned(name: string): Promise<string> {
  const path = join(folder, name)
  await makeClip(path, { size, rate: 5, frames: 2, draw: drawHalves(size) })
  const bytes = await readFile(path)
  const matrix = bytes.indexOf('tkhd') + 44
  // As a phone that is held upright writes it: a quarter turn clockwise.
  for (const [at, value] of [0, 0x10000, 0, -0x10000, 0].entries()) bytes.writeInt32BE(value, matrix + 4 * at)
  await writeFile(path, bytes)
  return path
}

/** Pixels that are wider than high, by what the stream itself says. */
async function withPixels(name: string, aspect: string): Promise<string> {
  const path = join(folder, `square-${name}`)
  await makeClip(path, { size, rate: 5, frames: 2, draw: drawHalves(size) })
  const shape = ['-c', 'copy', '-bsf:v', `h264_metadata=sample_aspect_ratio=${aspect}`]
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', path, ...shape, join(folder, name)])
  return join(folder, name)
}

describe('a recording of a camera that was turned', () => {
  it('is upright, and so is the size that is told', async () => {
    const { sourceSize, colour } = await firstPicture(await turned('turned.mp4'), { width: 144, height: 176 })
    expect(sourceSize).toEqual({ width: 144, height: 176 })
    for (const x of [0, 143]) {
      expect(colour(x, 2)).toEqual(near(red))
      expect(colour(x, 173)).toEqual(near(blue))
    }
  })

  it('is cropped as it is seen', async () => {
    const path = await turned('turned-cropped.mp4')
    const { colour } = await firstPicture(path, { width: 16, height: 64 }, { x: 128, y: 96, width: 16, height: 64 })
    for (const y of [0, 63]) expect(colour(8, y)).toEqual(near(blue))
    await expect(firstPicture(path, size, { x: 136, y: 0, width: 16, height: 16 })).rejects.toThrow(CameraCropError)
  })
})

describe('a picture whose pixels are not square', () => {
  it('is as wide as it is meant to be seen, and so is the size that is told', async () => {
    const path = await withPixels('wide.h264', '16/11')
    const { sourceSize, colour } = await firstPicture(path, { width: 256, height: 256 })
    expect(sourceSize).toEqual({ width: 256, height: 144 })
    for (const y of [56, 199]) {
      expect(colour(4, y)).toEqual(near(red))
      expect(colour(251, y)).toEqual(near(blue))
    }
    for (const y of [53, 202]) expect(colour(128, y)).toEqual(near(grey))
  })

  it.each([
    { aspect: '5/1', width: 176 },
    { aspect: '4/1', width: 704 },
    { aspect: '1/4', width: 44 },
    { aspect: '1/5', width: 176 },
  ])('is $width pixels wide instead of 176 where they are said to be $aspect', async ({ aspect, width }) => {
    const path = await withPixels(`${aspect.replace('/', '-')}.h264`, aspect)
    expect((await firstPicture(path, size)).sourceSize).toEqual({ width, height: 144 })
  })
})

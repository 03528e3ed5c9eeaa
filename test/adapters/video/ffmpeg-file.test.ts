import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { CameraCropError, CameraPathError, CameraUnreachableError } from '../../../src/domain/camera-errors.ts'
import type { Fit, PictureSize } from '../../../src/domain/frame.ts'
import { type Box, fitting } from '../../../src/domain/fitting.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { drawGrey, drawHalves, drawSpeckle, greyOf, makeClip, speckleOf } from '../../support/make-clip.ts'

const clipSize = { width: 320, height: 180 }
const frames = 40
let folder: string
let clip: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-video-'))
  clip = join(folder, 'grey.mp4')
  await makeClip(clip, { size: clipSize, rate: 20, frames, draw: drawGrey })
})
afterAll(() => rm(folder, { recursive: true }))

interface Options {
  readonly path?: string
  readonly fit?: Fit
  readonly crop?: Box
  readonly fps?: number
  readonly every?: number
  readonly loop?: boolean
}
const fileSource = ({ path = clip, fit = 'stretch', crop, fps, every = 1, loop = false }: Options = {}) =>
  createFfmpegSource({
    cameraId: cameraId('dock-1'),
    input: { type: 'file', path, loop },
    fit,
    clock: systemClock,
    every,
    ...(fps === undefined ? {} : { fps }),
    ...(crop === undefined ? {} : { crop }),
  })

const never = new AbortController().signal
const small = { width: 64, height: 36 }

/** The grey of a picture's middle, as the number of the frame that has it. */
const numberOf = (picture: Uint8Array): number => {
  const grey = picture[Math.floor(picture.length / 2)] ?? 0
  return Math.max(0, Math.round((grey - greyOf(0)) / 16))
}
const pixel = (picture: Uint8Array, { width, height }: PictureSize, x: number, y: number): (number | undefined)[] =>
  [0, 1, 2].map((plane) => picture[plane * width * height + y * width + x])

describe('a recording read by a lossless sink', () => {
  it('gives every frame once, in order, and then is finished', async () => {
    const sink = new MemoryFrameSink(small, { lossless: true })
    const stream = await fileSource().open(sink, never)
    expect(stream.rate).toBe(20)
    expect(stream.sourceSize).toEqual(clipSize)
    expect(await stream.ended).toEqual({ kind: 'finished', detail: 'the file was read to its end' })
    expect(sink.pictures.map(numberOf)).toEqual(Array.from({ length: frames }, (_, frame) => frame % 13))
    // The slot that waited for one picture more is given back.
    expect(sink.events.filter(({ type }) => type !== 'picture')).toEqual([{ type: 'abandoned' }])
    expect(sink.taken).toBe(0)
  })

  it('says so when the file ends too early', async () => {
    const whole = join(folder, 'whole.mp4')
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', clip, '-c', 'copy', '-movflags', '+faststart', whole])
    const cut = join(folder, 'cut.mp4')
    await writeFile(cut, (await readFile(whole)).subarray(0, -1000))
    const sink = new MemoryFrameSink(small, { lossless: true })
    const stream = await fileSource({ path: cut }).open(sink, never)
    expect(await stream.ended).toEqual({
      kind: 'finished',
      detail: expect.stringMatching(
        /^the file was read to its end; ffmpeg complained: .*partial file.* It may have been copied only in part: copy it again$/,
      ) as string,
    })
    expect(sink.pictures.length).toBeLessThan(frames)
  })

  it('waits for room, and goes on where it stopped', async () => {
    const sink = new MemoryFrameSink(small, { lossless: true, slots: 2, freesAtOnce: false })
    const stream = await fileSource().open(sink, never)
    await sink.until(() => sink.pictures.length === 2)
    while (sink.pictures.length < frames) {
      const seen = sink.pictures.length
      expect(seen % 2).toBe(0)
      sink.free()
      await sink.until(() => sink.pictures.length === seen + 2)
    }
    sink.free()
    expect((await stream.ended).kind).toBe('finished')
    expect(sink.pictures.map(numberOf)).toEqual(Array.from({ length: frames }, (_, frame) => frame % 13))
    expect(sink.count('missed')).toBe(0)
  })
})

describe('a recording at its own rate', () => {
  it('reads past the frames for which there is no slot, and says so', async () => {
    const sink = new MemoryFrameSink(small, { slots: 1, freesAtOnce: false })
    const begun = performance.now()
    const stream = await fileSource().open(sink, never)
    expect((await stream.ended).kind).toBe('finished')
    expect(sink.count('picture')).toBe(1)
    expect(sink.count('missed')).toBe(frames - 1)
    // 40 frames at 20 a second: the last is due 1.95 s after the first.
    expect(performance.now() - begun).toBeGreaterThan(1900)
  })

  it('begins again at its end where it loops', async () => {
    const sink = new MemoryFrameSink(small)
    const abort = new AbortController()
    const source = fileSource({ loop: true })
    const stream = await source.open(sink, abort.signal)
    await sink.until(() => sink.pictures.length > frames + 3)
    abort.abort()
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'stopped' })
    await source.released()
    const seen = sink.pictures.map(numberOf)
    expect(seen.slice(frames - 1, frames + 3)).toEqual([(frames - 1) % 13, 0, 1, 2])
  })
})

describe('a limit on the rate', () => {
  it.each([
    { fps: 20, expected: 40 }, // the recording's own
    { fps: 25, expected: 40 },
    { fps: 15, expected: 30 },
    { fps: 10, expected: 20 },
    { fps: 7, expected: 14 },
    { fps: 0.5, expected: 1 },
  ])('lets $expected of 40 frames through at $fps of 20 a second', async ({ fps, expected }) => {
    const sink = new MemoryFrameSink(small, { lossless: true })
    const stream = await fileSource({ fps }).open(sink, never)
    await stream.ended
    expect(sink.pictures).toHaveLength(expected)
    const numbers = sink.pictures.map(numberOf)
    for (const [index, number] of numbers.entries()) expect(number).not.toBe(numbers[index - 1])
  })
})

describe('a limit on the rate of a source that pauses', () => {
  it('lets no burst through after the pause', async () => {
    const path = join(folder, 'paused.mkv')
    // A second at 20 a second, 3 s of nothing, and another second.
    const pause = ['-vf', "setpts='PTS+if(gte(N,20),3/TB,0)'", '-fps_mode', 'passthrough', '-bf', '0']
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', clip, ...pause, '-y', path])
    const sink = new MemoryFrameSink(small, { lossless: true })
    const stream = await fileSource({ path, fps: 5 }).open(sink, never)
    await stream.ended
    const after = sink.pictures.length - 5
    expect(after).toBeGreaterThanOrEqual(5)
    expect(after).toBeLessThanOrEqual(6)
  })
})

describe('every third frame', () => {
  it('is taken, and no other, before the rate is looked at', async () => {
    const sink = new MemoryFrameSink(small, { lossless: true })
    await (
      await fileSource({ every: 3 }).open(sink, never)
    ).ended
    expect(sink.pictures.map(numberOf)).toEqual(Array.from({ length: 14 }, (_, index) => (3 * index) % 13))
    const slow = new MemoryFrameSink(small, { lossless: true })
    await (
      await fileSource({ every: 2, fps: 5 }).open(slow, never)
    ).ended
    expect(slow.pictures).toHaveLength(10)
  })
})

describe('a picture of another shape than asked for', () => {
  const target = { width: 160, height: 160 }
  const read = async (fit: Fit): Promise<Uint8Array> => {
    const path = join(folder, 'halves.mp4')
    await makeClip(path, { size: clipSize, rate: 5, frames: 2, draw: drawHalves(clipSize) })
    const sink = new MemoryFrameSink(target, { lossless: true })
    await (
      await fileSource({ path, fit }).open(sink, never)
    ).ended
    return sink.pictures[0] ?? new Uint8Array()
  }
  const near = (color: number[]) => color.map((value) => expect.closeTo(value, -1.2) as number)

  it('gets grey bars where the domain puts them, to within a pixel', async () => {
    const picture = await read('letterbox')
    const { offsetX, offsetY } = fitting(clipSize, target, 'letterbox')
    expect({ offsetX, offsetY }).toEqual({ offsetX: 0, offsetY: 35 })
    for (const y of [0, 34, 125, 159]) expect(pixel(picture, target, 80, y)).toEqual([114, 114, 114])
    for (const y of [35, 80, 124]) {
      expect(pixel(picture, target, 0, y)).toEqual(near([220, 30, 30]))
      expect(pixel(picture, target, 76, y)).toEqual(near([220, 30, 30]))
      expect(pixel(picture, target, 84, y)).toEqual(near([30, 30, 220]))
      expect(pixel(picture, target, 159, y)).toEqual(near([30, 30, 220]))
    }
  })

  it.each([
    { size: { width: 384, height: 202 }, into: { width: 64, height: 64 } },
    { size: { width: 322, height: 180 }, into: { width: 160, height: 160 } },
    { size: { width: 102, height: 334 }, into: { width: 161, height: 160 } },
  ])('gets bars of just as many pixels as the domain says: $size.width x $size.height', async ({ size, into }) => {
    const path = join(folder, `bars-${size.width}.mp4`)
    await makeClip(path, { size, rate: 5, frames: 1, draw: (_, pixels) => void pixels.fill(250) })
    const sink = new MemoryFrameSink(into, { lossless: true })
    await (
      await fileSource({ path, fit: 'letterbox' }).open(sink, never)
    ).ended
    const picture = sink.pictures[0] ?? new Uint8Array()
    const { scaleX, scaleY, offsetX, offsetY } = fitting(size, into, 'letterbox')
    const isBar = (x: number, y: number) => pixel(picture, into, x, y)[0] === 114
    const range = (length: number) => Array.from({ length }, (_, at) => at)
    const [middleX, middleY] = [into.width >> 1, into.height >> 1]
    const columns = range(into.width).filter((x) => !isBar(x, middleY))
    const rows = range(into.height).filter((y) => !isBar(middleX, y))
    expect({ columns, rows }).toEqual({
      columns: range(Math.round(size.width * scaleX)).map((x) => offsetX + x),
      rows: range(Math.round(size.height * scaleY)).map((y) => offsetY + y),
    })
  })

  it('is stretched over the whole where that is asked for', async () => {
    const picture = await read('stretch')
    for (const y of [0, 159]) {
      expect(pixel(picture, target, 0, y)).toEqual(near([220, 30, 30]))
      expect(pixel(picture, target, 159, y)).toEqual(near([30, 30, 220]))
    }
  })
})

describe('a recording that cannot be read', () => {
  it('says that there is no such file', async () => {
    const path = join(folder, 'none.mp4')
    const open = fileSource({ path }).open(new MemoryFrameSink(small), never)
    await expect(open).rejects.toThrow(CameraPathError)
    await expect(open).rejects.toThrow(
      `Camera dock-1 has no such stream or file: file:${path}: No such file or directory (ffmpeg exited with code 1). Set the camera's path to a video file that is there`,
    )
  })

  const tellsMore = 'It is empty, cut off, or no video that ffmpeg knows: ffprobe tells more'
  it.each([
    { what: 'no video', make: (path: string) => writeFile(path, 'no video at all'), advice: tellsMore },
    { what: 'empty', make: (path: string) => writeFile(path, ''), advice: tellsMore },
    {
      what: 'cut off before its index',
      make: async (path: string) => writeFile(path, (await readFile(clip)).subarray(0, 1000)),
      advice: tellsMore,
    },
    { what: 'a folder', make: (path: string) => mkdir(path), advice: "Set the camera's path to a video file in it" },
    {
      what: 'only sound',
      make: async (path: string) => {
        const sound = ['-f', 'lavfi', '-i', 'sine=duration=0.1', path]
        await promisify(execFile)('ffmpeg', ['-v', 'error', ...sound])
      },
      advice: 'it has no video (ffmpeg exited with code 1). Name one that has video',
    },
  ])('says what to do where it is $what', async ({ what, make, advice }) => {
    const path = join(folder, `${what}.mp4`)
    await make(path)
    const error: unknown = await fileSource({ path })
      .open(new MemoryFrameSink(small), never)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CameraPathError)
    expect((error as Error).message.endsWith(advice)).toBe(true)
  })

  it('does not open what a playlist points at on the network', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const connected = vi.fn()
    server.on('connection', connected)
    const path = join(folder, 'list.m3u8')
    const { port } = server.address() as AddressInfo
    await writeFile(
      path,
      `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:${port}/a.ts\n#EXT-X-ENDLIST\n`,
    )
    const open = fileSource({ path }).open(new MemoryFrameSink(small), never)
    await expect(open).rejects.toThrow(/not on whitelist/)
    expect(connected).not.toHaveBeenCalled()
    server.close()
  })
})

describe('a camera of this machine that is not there', () => {
  it('cannot be reached', async () => {
    const input = { type: 'device', path: '/dev/video-of-nobody', size: { width: 640, height: 480 }, rate: 30 } as const
    const source = createFfmpegSource({ cameraId: cameraId('dock-2'), input, fit: 'stretch', clock: systemClock })
    const open = source.open(new MemoryFrameSink(small), never)
    await expect(open).rejects.toThrow(CameraUnreachableError)
    await expect(open).rejects.toThrow(/\/dev\/video-of-nobody: No such file or directory/)
  })
})

describe('a camera of which a part is looked at', () => {
  // The clip is red left of x 160 and blue right of it.
  const crop = { x: 101, y: 31, width: 80, height: 80 }
  const size = { width: 80, height: 80 }

  it('gives that part of each picture, to the pixel, and the size of the whole', async () => {
    const path = join(folder, 'cropped.mp4')
    await makeClip(path, { size: clipSize, rate: 5, frames: 2, draw: drawHalves(clipSize) })
    const sink = new MemoryFrameSink(size, { lossless: true })
    const stream = await fileSource({ path, crop, fit: 'letterbox' }).open(sink, never)
    expect(stream.sourceSize).toEqual(clipSize)
    expect((await stream.ended).kind).toBe('finished')
    const picture = sink.pictures[0] ?? new Uint8Array()
    const near = (color: number[]) => color.map((value) => expect.closeTo(value, -1.2) as number)
    for (const y of [0, 79]) {
      for (const x of [0, 56]) expect(pixel(picture, size, x, y)).toEqual(near([220, 30, 30]))
      for (const x of [62, 79]) expect(pixel(picture, size, x, y)).toEqual(near([30, 30, 220]))
    }
  })

  it.each([
    { x: 0, y: 0, width: 81, height: 79 },
    { x: 101, y: 31, width: 80, height: 80 },
    { x: 101, y: 30, width: 81, height: 79 },
    { x: 239, y: 101, width: 81, height: 79 },
  ])(
    'gives $width x $height pixels from $x, $y, each of them, from a picture whose colours have a quarter of the pixels',
    async (odd) => {
      const path = join(folder, `odd-${odd.x}-${odd.y}-${odd.width}.mp4`)
      await makeClip(path, { size: clipSize, rate: 5, frames: 1, draw: drawSpeckle(clipSize) })
      const sink = new MemoryFrameSink(odd, { lossless: true })
      const stream = await fileSource({ path, crop: odd, fit: 'letterbox' }).open(sink, never)
      expect((await stream.ended).kind).toBe('finished')
      const picture = sink.pictures[0] ?? new Uint8Array()
      let wrong = 0
      for (let y = 0; y < odd.height; y++) {
        for (let x = 0; x < odd.width; x++) {
          const level = speckleOf(odd.x + x, odd.y + y)
          for (const found of pixel(picture, odd, x, y)) if (Math.abs((found ?? NaN) - level) > 30) wrong++
        }
      }
      expect(wrong).toBe(0)
    },
  )

  it.each([
    { what: 'is larger than its picture', part: { x: 0, y: 0, width: 321, height: 180 } },
    { what: 'reaches beyond its picture', part: { x: 241, y: 0, width: 80, height: 180 } },
    { what: 'begins below its picture', part: { x: 0, y: 180, width: 16, height: 16 } },
  ])('cannot be opened where that part $what', async ({ part }) => {
    const sink = new MemoryFrameSink(size, { lossless: true })
    const source = fileSource({ crop: part })
    await expect(source.open(sink, never)).rejects.toThrow(
      new CameraCropError(cameraId('dock-1'), part, { width: 320, height: 180 }),
    )
    await source.released()
    expect(sink.events).toEqual([])
  })
})

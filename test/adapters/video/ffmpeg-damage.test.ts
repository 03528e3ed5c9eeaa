import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'

const codecs = ['libx264', 'mpeg4', 'mjpeg'] as const
const frames = 50
let folder: string

const ffmpeg = (...args: string[]) => promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args])
const clip = (codec: string, damage?: number) => join(folder, `${codec}-${damage ?? 'sound'}.mkv`)

/** Every so many bytes one is wrong. */
const damages = [300, 20_000] as const

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-damage-'))
  for (const codec of codecs) {
    const scene = ['-f', 'lavfi', '-i', 'testsrc2=size=480x270:rate=25', '-frames:v', `${frames}`]
    await ffmpeg(...scene, '-c:v', codec, '-g', '25', '-bf', '0', clip(codec))
    for (const amount of damages)
      await ffmpeg('-i', clip(codec), '-c', 'copy', '-bsf:v', `noise=amount=${amount}`, clip(codec, amount))
  }
})
afterAll(() => rm(folder, { recursive: true }))

/** Reads it to its end, without loss. */
async function read(path: string, skips: { every?: number; fps?: number } = {}) {
  const sink = new MemoryFrameSink({ width: 64, height: 36 }, { lossless: true })
  const source = createFfmpegSource({
    cameraId: cameraId('dock-1'),
    input: { type: 'file', path },
    fit: 'stretch',
    clock: systemClock,
    ...skips,
  })
  const stream = await source.open(sink, new AbortController().signal)
  await stream.ended
  const [pictures, damaged] = [sink.count('picture'), sink.count('damaged')]
  return { pictures, damaged, failed: sink.count('decode-failed'), lost: sink.count('lost') }
}

describe.each(codecs)('a recording in %s', (codec) => {
  it('has no damaged picture while it is sound', async () => {
    expect(await read(clip(codec))).toEqual({ pictures: frames, damaged: 0, failed: 0, lost: 0 })
  })

  it('has as many damaged pictures as there are pictures that are damaged, whatever each says', async () => {
    const { pictures, damaged } = await read(clip(codec, 20_000))
    expect(pictures).toBeGreaterThan(frames - 5)
    expect(damaged).toBeGreaterThan(0)
    expect(damaged).toBeLessThan(pictures / 2)
    const bad = await read(clip(codec, 300))
    expect(bad.damaged).toBeGreaterThan(bad.pictures / 3)
    expect(bad.damaged).toBeLessThanOrEqual(bad.pictures)
  })

  it('has as large a share of them among those that are not skipped', async () => {
    const skips = [{}, { every: 5 }, { fps: 5 }, { fps: 100 }]
    const [all, ...some] = await Promise.all(skips.map((each) => read(clip(codec, 300), each)))
    const { damaged = NaN, lost = NaN, failed } = all ?? {}
    const share = (of: number) => ({ damaged: Math.floor(damaged / of), lost: Math.floor(lost / of), failed })
    expect(some).toMatchObject([share(5), share(5), share(1)])
  })
})

describe('a recording of which some packets give no picture', () => {
  it('has lost each of those pictures', async () => {
    const { pictures, failed, lost } = await read(clip('mjpeg', 300))
    expect(lost).toBeGreaterThan(5)
    expect({ failed, pictures }).toEqual({ failed: lost, pictures: frames - lost })
  })
})

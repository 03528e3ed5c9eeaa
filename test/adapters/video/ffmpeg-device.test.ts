import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { type DeviceInput, ffmpegCommand } from '../../../src/adapters/video/ffmpeg-command.ts'
import { ffmpegFailure } from '../../../src/adapters/video/ffmpeg-failure.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { notAsAsked } from '../../../src/adapters/video/not-as-asked.ts'
import { CameraUnreachableError } from '../../../src/domain/camera-errors.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { seconds } from '../../../src/domain/units.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'

const size = { width: 4, height: 2 }
const large = { width: 1920, height: 1080 }
const device = (asked: Partial<DeviceInput> = {}): DeviceInput => ({ type: 'device', path: '/dev/video0', ...asked })

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-device-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a device that is asked', () => {
  const run = { size, fit: 'stretch', fromKeyPicture: false, unpaced: false, socketTimeout: seconds(30) } as const

  it('for a size, a rate and a format is asked for them before it is opened', () => {
    const { args } = ffmpegCommand({ ...run, input: device({ size: large, rate: 30, format: 'mjpeg' }) })
    expect(args.join(' ')).toContain(
      ' -f v4l2 -input_format mjpeg -video_size 1920x1080 -framerate 30 -i /dev/video0 -map ',
    )
  })

  it('for nothing is left as it is', () => {
    expect(ffmpegCommand({ ...run, input: device() }).args.join(' ')).toContain(' -f v4l2 -i /dev/video0 -map ')
  })
})

describe('a device that gives', () => {
  const lists = 'What it can send, format by format, is listed by: ffmpeg -f v4l2 -list_formats all -i /dev/video0'
  const small = { width: 640, height: 480 }

  it.each([
    { what: 'what it was asked for', asked: { size: large, rate: 30 }, came: large, rate: 30, says: undefined },
    { what: 'nearly the rate', asked: { rate: 30 }, came: small, rate: 29.97, says: undefined },
    { what: 'a rate that nobody knows', asked: { rate: 30 }, came: small, rate: undefined, says: undefined },
    { what: 'what it likes, having been asked for nothing', asked: {}, came: small, rate: 5, says: undefined },
    {
      what: 'fewer pictures',
      asked: { size: large, rate: 30 },
      came: large,
      rate: 5,
      says: `It was asked for 30 pictures a second and sends 5. ${lists}`,
    },
    {
      what: 'another size and rate',
      asked: { size: large, rate: 30 },
      came: small,
      rate: 25,
      says: `It was asked for pictures of 1920x1080 and sends 640x480, for 30 pictures a second and sends 25. ${lists}`,
    },
  ])('$what: $says', ({ asked, came, rate, says }) => {
    expect(notAsAsked(device(asked), came, rate)).toBe(says)
  })

  it('another size and rate has a stream that says so', async () => {
    // As ffmpeg 5.1 says it; its driver's own words come first.
    const says = [
      '[video4linux2,v4l2 @ 0x1] [info] The driver changed the time per frame from 1/30 to 1/5',
      '[info]   Stream #0:0: Video: rawvideo, 1 reference frame (YUY2), yuyv422, 8x4, 5 fps, 5 tbr, 1000k tbn',
      '[scale@square @ 0x1] [verbose] w:8 h:4 fmt:yuyv422 sar:0/1 -> w:8 h:4 fmt:yuyv422 sar:0/1 flags:0x2',
    ]
    const path = join(folder, 'ffmpeg')
    const words = says.map((line) => `echo '${line}' >&2`).join('\n')
    await writeFile(path, `#!/bin/sh\necho "$@" > ${path}.args\n${words}\nhead -c 24 /dev/zero\n`)
    await chmod(path, 0o755)
    const input = device({ size: { width: 16, height: 8 }, rate: 30, format: 'yuyv422' })
    const options = { cameraId: cameraId('dock-2'), input, fit: 'stretch', clock: systemClock, ffmpeg: path } as const
    const stream = await createFfmpegSource(options).open(new MemoryFrameSink(size), new AbortController().signal)
    expect(stream.remark).toBe(
      `It was asked for pictures of 16x8 and sends 8x4, for 30 pictures a second and sends 5. ${lists}`,
    )
    expect(await readFile(`${path}.args`, 'utf8')).toContain('-input_format yuyv422')
    await stream.ended
  })
})

describe('a device that has not the format', () => {
  it.each([
    "Cannot find a proper format for codec 'h264' (id 27), pixel format 'none' (id -1)",
    'No such input format: mpjeg.',
  ])('says how those it has are listed: %s', (said) => {
    const error = ffmpegFailure(cameraId('dock-2'), device(), { type: 'exited', code: 1 }, [said])
    expect(error).toBeInstanceOf(CameraUnreachableError)
    expect(error.message).toContain(
      "Set the camera's format to one that it has: ffmpeg -f v4l2 -list_formats all -i /dev/video0",
    )
  })
})

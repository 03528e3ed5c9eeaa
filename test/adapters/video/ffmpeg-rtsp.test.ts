import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import type { Credentials } from '../../../src/adapters/video/ffmpeg-command.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import {
  CameraAuthenticationError,
  CameraPathError,
  CameraRefusedError,
  CameraUnreachableError,
} from '../../../src/domain/camera-errors.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { h265 } from '../../support/h265.ts'
import { drawGrey, makeClip } from '../../support/make-clip.ts'
import { descendants } from '../../support/processes.ts'
import { type RtspServer, startRtspServer } from '../../support/rtsp-server.ts'

const fps = 20
let folder: string
let h264File: string
let h265File: string
let renewedFile: string
let camera: RtspServer
let abort: AbortController

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-rtsp-'))
  h264File = join(folder, 'grey.h264')
  await makeClip(h264File, { size: { width: 320, height: 180 }, rate: fps, frames: 40, draw: drawGrey })
  h265File = join(folder, 'grey.h265')
  await makeClip(h265File, { size: { width: 320, height: 180 }, rate: fps, frames: 40, draw: drawGrey })
  renewedFile = join(folder, 'renewed.h264')
  // Part by part: after the first picture there is no key picture any more.
  const renewed = ['-c:v', 'libx264', '-tune', 'zerolatency', '-x264-params', `intra-refresh=1:keyint=${fps}`]
  const drawn = ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${fps}`, '-frames:v', '200']
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...drawn, ...renewed, renewedFile])
})
afterAll(() => rm(folder, { recursive: true }))

beforeEach(() => {
  abort = new AbortController()
})
afterEach(async () => {
  abort.abort()
  await camera.close()
})

const rtspSource = (url: string, credentials?: Credentials) =>
  createFfmpegSource({
    cameraId: cameraId('dock-1'),
    input: { type: 'rtsp', url, ...(credentials === undefined ? {} : { credentials }) },
    fit: 'letterbox',
    clock: systemClock,
  })
const newSink = () => new MemoryFrameSink({ width: 64, height: 64 })

describe('an RTSP camera', () => {
  it('streams its pictures, with its own rate and size', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const sink = newSink()
    const source = rtspSource(camera.url)
    const stream = await source.open(sink, abort.signal)
    expect(stream.rate).toBe(fps)
    expect(stream.sourceSize).toEqual({ width: 320, height: 180 })
    await sink.until(() => sink.pictures.length === 50)
    abort.abort()
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'stopped' })
    await source.released()
    expect(sink.taken).toBe(0)
    expect(sink.count('decode-failed')).toBe(0)
    expect(camera.connections).toBe(1)
  })

  it('holds back one picture, until the next shows that it is whole, and no other', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const sink = newSink()
    const stream = await rtspSource(camera.url).open(sink, abort.signal)
    let least = Infinity
    await sink.until(() => {
      const { length } = sink.pictures
      if (length > 0) least = Math.min(least, camera.sent - length)
      return length === 40
    })
    expect(least).toBe(1)
    abort.abort()
    await stream.ended
  })

  it('begins with the first picture that is sent, not with the next key picture', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const sink = newSink()
    await rtspSource(camera.url).open(sink, abort.signal)
    await sink.until(() => sink.pictures.length === 4)
    // Greys of frames 0 to 3; key pictures are frames 0 and 20.
    expect(sink.pictures.slice(0, 4).map(frameOf)).toEqual([0, 1, 2, 3])
  })

  it('that is met between two key pictures of H.265 begins with the next one', async () => {
    camera = await startRtspServer({ file: h265File, codec: h265, fps, firstPicture: 5 })
    const sink = newSink()
    await rtspSource(camera.url).open(sink, abort.signal)
    await sink.until(() => sink.pictures.length === 4)
    expect(sink.pictures.slice(0, 4).map(frameOf)).toEqual([20, 21, 22, 23].map((frame) => frame % 13))
  })

  it('that has no key picture, being H.264 that is renewed part by part, is had at the second try', async () => {
    camera = await startRtspServer({ file: renewedFile, fps, firstPicture: 5 })
    const source = rtspSource(camera.url)
    const first = new AbortController()
    const sink = newSink()
    const open = source.open(sink, first.signal)
    await expect.poll(() => camera.clients).toBe(1)
    // Twice the way to where the whole picture has been renewed.
    await expect.poll(() => camera.sent, { timeout: 10_000 }).toBeGreaterThan(60)
    first.abort(new Error('enough'))
    await expect(open).rejects.toThrow('enough')
    expect(sink.events).toEqual([])
    await source.open(sink, abort.signal)
    expect(sink.count('picture')).toBeGreaterThan(0)
  })

  it('lets a user in by name and password, whatever characters these have', async () => {
    const credentials = { username: 'view er@1', password: `p@ss:w/o'rd "%41 #?` }
    camera = await startRtspServer({ file: h264File, fps, user: credentials.username, password: credentials.password })
    const sink = newSink()
    await rtspSource(camera.url, credentials).open(sink, abort.signal)
    expect(sink.pictures.length).toBeGreaterThan(0)
  })

  it('is asked with both in the address where they are awaited there, and shows neither', async () => {
    const credentials = { username: 'view er', password: 'open&sesame' }
    camera = await startRtspServer({ file: h264File, fps })
    const asked = () => camera.asked.map((address) => address.replace(/^.*:\d+\//, ''))
    const url = camera.url.replace('stream', 'stream/user={username}_password={password}?p={password}')
    await rtspSource(url, credentials).open(newSink(), abort.signal)
    expect(asked()).toContain('stream/user=view%20er_password=open%26sesame?p=open%26sesame')
    const nowhere = rtspSource(url.replace('/stream', '/nowhere'), credentials).open(newSink(), abort.signal)
    const error: unknown = await nowhere.catch((reason: unknown) => reason)
    expect(String(error)).toContain('nowhere/user=view%20er_password=***?p=***')
    expect(JSON.stringify(error) + String(error)).not.toContain('sesame')
  })

  it('shows the password to nobody who lists the processes', async () => {
    const credentials = { username: 'viewer', password: 'opensesame' }
    camera = await startRtspServer({ file: h264File, fps, user: 'viewer', password: 'opensesame' })
    await rtspSource(camera.url, credentials).open(newSink(), abort.signal)
    const ffmpeg = (await descendants(process.pid)).filter((each) => each.command.includes('rawvideo'))
    expect(ffmpeg).toHaveLength(1)
    expect(ffmpeg[0]?.command).not.toContain('opensesame')
    expect(ffmpeg[0]?.environment).not.toContain('opensesame')
  })
})

describe('an RTSP camera that does not give a stream', () => {
  it('cannot be reached while nothing listens', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    await camera.refuse(true)
    const open = rtspSource(camera.url).open(newSink(), abort.signal)
    await expect(open).rejects.toThrow(CameraUnreachableError)
    await expect(open).rejects.toThrow(/Connection refused/)
    await camera.refuse(false)
    await rtspSource(camera.url).open(newSink(), abort.signal)
  })

  it('is knocked at before another process is started for it', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    await camera.refuse(true)
    const source = rtspSource(camera.url)
    await expect(source.open(newSink(), abort.signal)).rejects.toThrow(/ffmpeg exited/)
    const { host } = new URL(camera.url)
    const again = source.open(newSink(), abort.signal)
    await expect(again).rejects.toThrow(CameraUnreachableError)
    await expect(again).rejects.toThrow(`nobody answers at ${host}: connection refused`)
    await camera.refuse(false)
    await source.open(newSink(), abort.signal)
  })

  it('is knocked at too where the try before was given up without a picture: nobody may be there', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const source = rtspSource(`rtsp://127.0.0.1:${port}/stream`)
    const giveUp = new AbortController()
    const open = source.open(newSink(), giveUp.signal)
    const [socket] = (await once(silent, 'connection')) as [Socket]
    giveUp.abort(new Error('no picture in time'))
    await expect(open).rejects.toThrow('no picture in time')
    await source.released()
    socket.destroy()
    silent.close()
    await once(silent, 'close')
    await expect(source.open(newSink(), abort.signal)).rejects.toThrow(
      `nobody answers at 127.0.0.1:${port}: connection refused`,
    )
  })

  it.each([
    { situation: 'a wrong password', credentials: { username: 'viewer', password: 'opensesame' } },
    { situation: 'no password', credentials: undefined },
  ])('is told apart by $situation', async ({ credentials }) => {
    camera = await startRtspServer({ file: h264File, fps, user: 'viewer', password: 'right' })
    const error: unknown = await rtspSource(camera.url, credentials)
      .open(newSink(), abort.signal)
      .catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CameraAuthenticationError)
    expect(String(error)).toContain('401 Unauthorized')
    expect(JSON.stringify(error) + String(error)).not.toContain('opensesame')
  })

  it('is told apart by a missing path', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const open = rtspSource(camera.url.replace('/stream', '/nowhere')).open(newSink(), abort.signal)
    await expect(open).rejects.toThrow(CameraPathError)
    await expect(open).rejects.toThrow(/404 Not Found/)
  })

  it('is told apart by the lack of a user name', async () => {
    camera = await startRtspServer({ file: h264File, fps, user: 'viewer', password: 'right' })
    await expect(rtspSource(camera.url).open(newSink(), abort.signal)).rejects.toThrow(
      'refuses the user name or password: none is configured; DESCRIBE was answered with 401 Unauthorized',
    )
  })

  it.each([
    { method: 'SETUP', status: '503 Service Unavailable', advice: '. It may serve as many clients as it can' },
    { method: 'PLAY', status: '453 Not Enough Bandwidth', advice: '. It may serve as many clients as it can' },
    {
      method: 'SETUP',
      status: '461 Unsupported Transport',
      advice: ". It does not send over tcp: set the camera's transport to the other one",
    },
    { method: 'DESCRIBE', status: '500 Internal Server Error', advice: '' },
  ])('says what it was answered when $method brings $status', async ({ advice, ...refusal }) => {
    camera = await startRtspServer({ file: h264File, fps, refusal })
    const open = rtspSource(camera.url).open(newSink(), abort.signal)
    await expect(open).rejects.toThrow(CameraRefusedError)
    await expect(open).rejects.toThrow(
      new RegExp(
        `^Camera dock-1 answers and gives no stream: ${refusal.method} was answered with ${refusal.status} ` +
          `\\(${camera.url}; ffmpeg exited with code 1\\)${advice}$`,
      ),
    )
  })

  it('is followed where it sends us', async () => {
    camera = await startRtspServer({ file: h264File, fps, moved: (path) => (path === '/old' ? '/stream' : undefined) })
    await rtspSource(camera.url.replace('/stream', '/old')).open(newSink(), abort.signal)
  })

  it.each([
    { times: 20, outcome: 'followed' },
    { times: 21, outcome: 'given up' },
  ])('is $outcome where it sends us on $times times', async ({ times, outcome }) => {
    const next = (path: string) => {
      const sent = Number(path.slice(1)) + 1
      if (sent < times) return `/${sent}`
      return sent === times ? '/stream' : undefined
    }
    camera = await startRtspServer({ file: h264File, fps, moved: next })
    const open = rtspSource(camera.url.replace('/stream', '/0')).open(newSink(), abort.signal)
    if (outcome === 'followed') await open
    else await expect(open).rejects.toThrow(CameraRefusedError)
  })

  it('is given up when it sends us round in circles, and leaves nothing', async () => {
    const credentials = { username: 'viewer', password: 'opensesame' }
    camera = await startRtspServer({ file: h264File, fps, moved: () => '/stream?p=opensesame' })
    const source = rtspSource(camera.url, credentials)
    const open = source.open(newSink(), abort.signal)
    await expect(open).rejects.toThrow(CameraRefusedError)
    await expect(open).rejects.toThrow(
      `Camera dock-1 answers and gives no stream: ${camera.url} redirects more than 20 times, at last to ${camera.url}?p=***. ` +
        "Set the camera's url to where its pictures really are, or mend the server",
    )
    await source.released()
    await expect.poll(() => camera.clients).toBe(0)
  })

  it('is no camera when what answers speaks another protocol', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(web, 'listening')
    const { port } = web.address() as AddressInfo
    await expect(rtspSource(`rtsp://127.0.0.1:${port}/`).open(newSink(), abort.signal)).rejects.toThrow(
      /gives no stream: Invalid data found when processing input .*What answers there may be no RTSP server$/,
    )
    web.close()
  })

  it('leaves nothing when it is aborted while it waits for a picture', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    camera.stall()
    const source = rtspSource(camera.url)
    const open = source.open(newSink(), abort.signal)
    await expect.poll(() => camera.clients).toBe(1)
    abort.abort(new Error('enough'))
    await expect(open).rejects.toThrow('enough')
    await source.released()
    expect((await descendants(process.pid)).filter((each) => each.command.includes('rawvideo'))).toEqual([])
    await expect.poll(() => camera.clients).toBe(0)
  })
})

describe('an RTSP stream that has begun', () => {
  it('is lost when the camera drops it, and can be opened again', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const sink = newSink()
    const source = rtspSource(camera.url)
    const stream = await source.open(sink, abort.signal)
    camera.drop()
    expect(await stream.ended).toEqual({
      kind: 'lost',
      detail: 'the source ended the stream (ffmpeg exited with code 0)',
    })
    const seen = sink.pictures.length
    await source.open(sink, abort.signal)
    expect(sink.pictures.length).toBeGreaterThan(seen)
    expect(camera.connections).toBe(2)
  })

  it('stays open while the camera sends nothing, and goes on with it', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const sink = newSink()
    const stream = await rtspSource(camera.url).open(sink, abort.signal)
    let over = false
    void stream.ended.then(() => (over = true))
    camera.stall()
    // All that was on its way has come when two looks, half a second apart, see the same.
    await expect.poll(() => sink.pictures.length, { interval: 500 }).toSatisfy(unchanged())
    expect(over).toBe(false)
    expect(camera.clients).toBe(1)
    camera.resume()
    const seen = sink.pictures.length
    await sink.until(() => sink.pictures.length > seen)
  })

  it('tells the sink of each packet that cannot be decoded, and recovers at the next key picture', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    const sink = newSink()
    await rtspSource(camera.url).open(sink, abort.signal)
    camera.corrupt(true)
    await sink.until(() => sink.count('lost') >= 10)
    const during = sink.events.slice(sink.events.findIndex((event) => event.type === 'decode-failed')).slice(0, 20)
    const each = ['decode-failed', 'lost']
    expect(during.map((event) => event.type)).toEqual(Array.from({ length: 10 }, () => each).flat())
    expect(during[18]).toMatchObject({
      detail: expect.stringMatching(/Invalid data found when processing input/) as string,
    })
    camera.corrupt(false)
    const seen = sink.pictures.length
    await sink.until(() => sink.pictures.length > seen)
  })

  it('tells the sink of them while the first picture is waited for, too', async () => {
    camera = await startRtspServer({ file: h264File, fps })
    camera.corrupt(true)
    const sink = newSink()
    const opening = rtspSource(camera.url).open(sink, abort.signal)
    await sink.until(() => sink.count('decode-failed') > 0)
    expect(sink.pictures).toEqual([])
    abort.abort()
    await expect(opening).rejects.toBe(abort.signal.reason)
  })
})

describe('fifty connections, one after the other', () => {
  it('leave no process and no file descriptor', async () => {
    camera = await startRtspServer({ file: h264File, fps: 100 })
    const source = rtspSource(camera.url)
    const descriptors = async () => (await readdir('/proc/self/fd')).length
    const connect = async () => {
      const each = new AbortController()
      const stream = await source.open(newSink(), each.signal)
      each.abort()
      await stream.ended
      await source.released()
    }
    await connect()
    const before = await descriptors()
    for (let round = 0; round < 50; round++) await connect()
    expect(
      await descendants(process.pid).then((all) => all.filter((each) => each.command.includes('rawvideo'))),
    ).toEqual([])
    expect((await descendants(process.pid)).filter((each) => each.state === 'Z')).toEqual([])
    await expect.poll(() => camera.clients).toBe(0)
    expect(await descriptors()).toBeLessThanOrEqual(before + 1)
  })
})

/** The number of a picture of grey, up to 12. */
const frameOf = (picture: Uint8Array): number => Math.round(((picture[32 * 64 * 3] ?? 0) - 20) / 16) + 0

/** Whether a value is the same as at the look before. */
function unchanged(): (value: number) => boolean {
  let before: number | undefined
  return (value) => {
    const same = value === before
    before = value
    return same
  }
}

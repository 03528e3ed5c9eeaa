import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createHttpSource } from '../../../src/adapters/video/http-source.ts'
import type { DownloadRoom } from '../../../src/adapters/video/download-room.ts'
import { VideoCache } from '../../../src/adapters/video/video-cache.ts'
import {
  CameraAuthenticationError,
  CameraPathError,
  CameraRefusedError,
  CameraUnreachableError,
  VideoRoomError,
} from '../../../src/domain/camera-errors.ts'
import { DiskError } from '../../../src/domain/disk-error.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { seconds } from '../../../src/domain/units.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { drawGrey, makeClip } from '../../support/make-clip.ts'
import { type VideoServer, startVideoServer } from '../../support/video-server.ts'

const camera = cameraId('dock-1')
const never = new AbortController().signal
const frames = 12
let workshop: string
let clip: string
let clipBytes: number
let folder: string
let server: VideoServer

beforeAll(async () => {
  workshop = await mkdtemp(join(tmpdir(), 'belay-http-'))
  clip = join(workshop, 'clip.mp4')
  await makeClip(clip, { size: { width: 64, height: 36 }, rate: 12, frames, draw: drawGrey })
  clipBytes = (await stat(clip)).size
})
afterAll(() => rm(workshop, { recursive: true }))
beforeEach(async () => {
  folder = join(await mkdtemp(join(workshop, 'cache-')), 'videos')
  server = await startVideoServer(clip)
})
afterEach(() => server.close())

const newCache = (options: { maxBytes?: number; clock?: VirtualClock; room?: DownloadRoom } = {}) =>
  new VideoCache({ folder, maxBytes: 10_000_000, clock: systemClock, ...options })
const get = (cache: VideoCache, path: string, signal = never) => cache.get(camera, server.url + path, undefined, signal)
const endings = async () => (await readdir(folder)).map((name) => name.slice(name.lastIndexOf('.'))).sort()

describe('a video from the web', () => {
  const httpSource = (path: string, cache: VideoCache, credentials?: { username: string; password: string }) =>
    createHttpSource({
      cameraId: camera,
      url: server.url + path,
      fit: 'stretch',
      clock: systemClock,
      cache,
      ...(credentials === undefined ? {} : { credentials }),
    })
  const newSink = () => new MemoryFrameSink({ width: 32, height: 18 }, { lossless: true })

  it('is downloaded, read to its end, and not downloaded again', async () => {
    const source = httpSource('/clip.mp4', newCache())
    for (let round = 0; round < 2; round++) {
      const sink = newSink()
      const stream = await source.open(sink, never)
      expect(await stream.ended).toEqual({ kind: 'finished', detail: 'the file was read to its end' })
      expect(sink.pictures).toHaveLength(frames)
      await source.released()
    }
    expect(server.requests).toEqual(['/clip.mp4', '/clip.mp4 unless "v1"'])
    expect(server.clients).toBe(0)
  })

  it('is let in by name and password', async () => {
    const source = httpSource('/private', newCache(), { username: 'viewer', password: 'opensesame' })
    await source.open(newSink(), never)
    expect(server.requests).toEqual(['/private'])
  })

  it('is removed when it turns out to be no video, and asked for again', async () => {
    const source = httpSource('/text', newCache())
    await expect(source.open(newSink(), never)).rejects.toThrow(CameraPathError)
    expect(await readdir(folder)).toEqual([])
    await expect(source.open(newSink(), never)).rejects.toThrow(CameraPathError)
    expect(server.requests).toEqual(['/text', '/text'])
  })

  it('leaves no socket when it is aborted while it is downloaded', async () => {
    server.hangAfter(1000)
    const source = httpSource('/clip.mp4', newCache())
    const abort = new AbortController()
    const open = source.open(newSink(), abort.signal)
    await expect.poll(() => server.clients).toBe(1)
    abort.abort(new Error('enough'))
    await expect(open).rejects.toThrow('enough')
    await source.released()
    await expect.poll(() => server.clients).toBe(0)
  })
})

describe('a video that has been downloaded before', () => {
  let other: string
  const kept = async () => (await get(newCache(), '/clip.mp4')).release()

  beforeAll(async () => {
    other = join(workshop, 'other.mp4')
    await makeClip(other, { size: { width: 32, height: 18 }, rate: 12, frames: 3, draw: drawGrey })
  })

  it.each([
    { named: 'by a tag', resumable: true, dated: false },
    { named: 'by a date', resumable: false, dated: true },
    { named: 'by both', resumable: true, dated: true },
  ])('$named is downloaded again when the server has another, by a later process too', async ({ resumable, dated }) => {
    server.resumable(resumable)
    server.dated(dated)
    await kept()
    await kept()
    server.replace(other)
    const cache = newCache()
    for (let round = 0; round < 2; round++) {
      const { path, remark } = await get(cache, '/clip.mp4')
      expect(await readFile(path)).toEqual(await readFile(other))
      expect(remark).toBeUndefined()
    }
    const [first, second] = resumable ? ['"v1"', '"v2"'] : [1, 2].map((day) => `Mon, 0${day} Jun 2026 08:00:00 GMT`)
    const asked = [first, first, second].map((version) => `/clip.mp4 unless ${version}`)
    expect(server.requests).toEqual(['/clip.mp4', ...asked])
    expect(await endings()).toEqual(['.version', '.video'])
  })

  it('from a server that gives its versions no names is not asked for again', async () => {
    server.resumable(false)
    await kept()
    await kept()
    expect(server.requests).toEqual(['/clip.mp4'])
  })

  it('of which it is not known any more what the server called it is downloaded again', async () => {
    await kept()
    for (const name of (await readdir(folder)).filter((each) => each.endsWith('.version')))
      await writeFile(join(folder, name), '')
    await kept()
    expect(server.requests).toEqual(['/clip.mp4', '/clip.mp4'])
  })

  it('is used while the server cannot be reached, which its stream says', async () => {
    await kept()
    await server.close()
    const source = createHttpSource({
      ...{ cameraId: camera, url: `${server.url}/clip.mp4`, fit: 'stretch', clock: systemClock, cache: newCache() },
    })
    const stream = await source.open(new MemoryFrameSink({ width: 32, height: 18 }, { lossless: true }), never)
    expect(stream.remark).toMatch(
      /^It is the video that was downloaded before, and maybe an old one: .*clip\.mp4: .*ECONNREFUSED/,
    )
    expect((await stream.ended).kind).toBe('finished')
  })

  it('is used while another one comes only in part, and that one is gone on with', async () => {
    await kept()
    server.replace(other)
    server.cutAfter(500)
    const cache = newCache()
    const old = await get(cache, '/clip.mp4')
    expect(old.remark).toContain('maybe an old one')
    expect(await readFile(old.path)).toEqual(await readFile(clip))
    server.cutAfter(undefined)
    const { path } = await get(cache, '/clip.mp4')
    expect(await readFile(path)).toEqual(await readFile(other))
    expect(server.requests.at(-1)).toBe('/clip.mp4 bytes=500- unless "v1"')
  })

  it('is used while the disk has no room for another one', async () => {
    await kept()
    server.replace(other)
    const room = { leave: 5_000_000, freeBytes: () => Promise.resolve(4_000_000) }
    const { path, remark } = await get(newCache({ room }), '/clip.mp4')
    expect(remark).toMatch(
      /^It is the video that was downloaded before, and maybe an old one: The disk has no room for the video of camera dock-1: 4\.0 MB are free/,
    )
    expect(await readFile(path)).toEqual(await readFile(clip))
    expect(await endings()).toEqual(['.version', '.video'])
  })

  it('is used where another one fills the disk', async () => {
    const cache = newCache()
    const first = await get(cache, '/clip.mp4')
    server.replace(other)
    await symlink('/dev/full', first.path.replace(/video$/, 'part'))
    const { path, remark } = await get(cache, '/clip.mp4')
    expect(remark).toMatch(/maybe an old one: write of .*\.part failed: ENOSPC/)
    expect(await readFile(path)).toEqual(await readFile(clip))
  })

  it('and is no longer there is not used', async () => {
    await get(newCache(), '/moved')
    server.moveTo('/nowhere')
    await expect(get(newCache(), '/moved')).rejects.toThrow(CameraPathError)
  })
})

describe('a download', () => {
  it('follows where the server points', async () => {
    const { path } = await get(newCache(), '/moved')
    expect(await readFile(path)).toEqual(await readFile(clip))
    expect(server.requests).toEqual(['/moved', '/clip.mp4'])
  })

  it('that is sent round in circles is given up, and says what to do', async () => {
    const { url } = server
    const video = get(newCache(), '/round?key=opensesame')
    await expect(video).rejects.toThrow(CameraRefusedError)
    await expect(video).rejects.toThrow(
      `Camera dock-1 answers and gives no stream: ${url}/round redirects more than 20 times, at last to ${url}/round. Set the camera's url to where its pictures really are, or mend the server`,
    )
    expect(server.requests).toHaveLength(21)
    await expect.poll(() => server.clients).toBe(0)
  })

  it('that is sent nowhere says so', async () => {
    server.moveTo(undefined)
    await expect(get(newCache(), '/moved')).rejects.toThrow(
      `${server.url}/moved redirects (302) and does not say where to. Set the camera's url`,
    )
  })

  it('takes name and password along at the same origin, and to no other', async () => {
    const viewer = { username: 'viewer', password: 'opensesame' }
    const getMoved = () => newCache().get(camera, `${server.url}/moved`, viewer, never)
    server.moveTo('private')
    await getMoved()
    expect(server.logins).toEqual(Array(2).fill(`Basic ${Buffer.from('viewer:opensesame').toString('base64')}`))
    await rm(folder, { recursive: true })
    const other = await startVideoServer(clip)
    server.moveTo(`${other.url}/private`)
    await expect(getMoved()).rejects.toThrow(CameraAuthenticationError)
    expect(other.logins).toEqual([undefined])
    await other.close()
  })

  it('goes on where it was cut', async () => {
    const cache = newCache()
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    server.cutAfter(undefined)
    const { path } = await get(cache, '/clip.mp4')
    expect(await readFile(path)).toEqual(await readFile(clip))
    expect(server.requests).toEqual(['/clip.mp4', '/clip.mp4 bytes=1000-'])
    expect(await endings()).toEqual(['.version', '.video'])
  })

  it('begins anew where the server cannot go on', async () => {
    const cache = newCache()
    server.resumable(false)
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    server.cutAfter(undefined)
    const { path } = await get(cache, '/clip.mp4')
    expect(await readFile(path)).toEqual(await readFile(clip))
    expect(server.requests).toEqual(['/clip.mp4', '/clip.mp4'])
  })

  it('begins anew where the video has changed meanwhile', async () => {
    const cache = newCache()
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    server.cutAfter(undefined)
    server.resumable(false)
    const { path } = await get(cache, '/clip.mp4')
    expect(await readFile(path)).toEqual(await readFile(clip))
  })

  it('begins anew where the video has changed, and what there was of it could not be overwritten', async () => {
    const changed = join(workshop, 'changed.mp4')
    await writeFile(changed, Buffer.alloc(3000, 'v2'))
    let isInTheWay = false
    const freeBytes = async () => {
      const [part = ''] = isInTheWay ? await readdir(folder) : []
      if (isInTheWay) {
        await rename(join(folder, part), join(workshop, part))
        await mkdir(join(folder, part))
      }
      return 10_000_000
    }
    const cache = newCache({ room: { leave: 0, freeBytes } })
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    server.cutAfter(undefined)
    server.replace(changed)
    isInTheWay = true
    await expect(get(cache, '/clip.mp4')).rejects.toMatchObject({ call: 'open', systemCode: 'EISDIR' })
    isInTheWay = false
    const [part = ''] = await readdir(folder)
    await rmdir(join(folder, part))
    await rename(join(workshop, part), join(folder, part))
    const { path } = await get(cache, '/clip.mp4')
    expect(await readFile(path)).toEqual(await readFile(changed))
  })

  it('of which the server gives a part at a time is not whole until the last', async () => {
    const cache = newCache()
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    server.cutAfter(undefined)
    server.answerParts({ most: 500 })
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(
      `sent bytes up to 1500 of ${clipBytes}, and ended; the next try goes on there`,
    )
    expect(await endings()).toEqual(['.part'])
    server.answerParts({})
    const { path } = await get(cache, '/clip.mp4')
    expect(await readFile(path)).toEqual(await readFile(clip))
    expect(server.requests.slice(1)).toEqual(['/clip.mp4 bytes=1000-', '/clip.mp4 bytes=1500-'])
  })

  it('that the server goes on with at another place is begun anew the next time', async () => {
    const cache = newCache()
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    server.cutAfter(undefined)
    server.answerParts({ shift: -1 })
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    const { path } = await get(cache, '/clip.mp4')
    expect(await readFile(path)).toEqual(await readFile(clip))
    expect(server.requests).toEqual(['/clip.mp4', '/clip.mp4 bytes=1000-', '/clip.mp4'])
  })

  it('is given up after 15 s of silence', async () => {
    const clock = new VirtualClock()
    server.hangAfter(1000)
    const video = get(newCache({ clock }), '/clip.mp4')
    video.catch(() => undefined)
    await expect.poll(async () => (await stat(folder).catch(() => undefined)) && (await endings())).toEqual(['.part'])
    clock.advance(15_000)
    await expect(video).rejects.toThrow(`${server.url}/clip.mp4: sent nothing for 15 s`)
    expect(clock.pending).toBe(0)
  })

  it('has silence counted only while it listens: our own disk may take longer', async () => {
    const clock = new VirtualClock()
    const looks: ((freeBytes: number) => void)[] = []
    const freeBytes = () => new Promise<number>((resolve) => looks.push(resolve))
    const video = get(newCache({ clock, room: { leave: 0, freeBytes } }), '/clip.mp4')
    await expect.poll(() => looks.length).toBe(1)
    clock.advance(60_000)
    looks[0]?.(10_000_000)
    expect(await readFile((await video).path)).toEqual(await readFile(clip))
    expect(clock.pending).toBe(0)
  })

  it('has 15 s more where the whole process was held up meanwhile', async () => {
    const clock = new VirtualClock()
    server.hangAfter(1000)
    const video = get(newCache({ clock }), '/clip.mp4')
    video.catch(() => undefined)
    await expect.poll(async () => (await stat(folder).catch(() => undefined)) && (await endings())).toEqual(['.part'])
    clock.oversleep(60_000)
    clock.advance(14_999)
    expect(clock.pending).toBe(1)
    clock.advance(1)
    await expect(video).rejects.toThrow(`${server.url}/clip.mp4: sent nothing for 15 s`)
  })

  it.each([
    { path: '/private', type: CameraAuthenticationError, detail: '401 Unauthorized' },
    { path: '/nowhere', type: CameraPathError, detail: '404 Not Found' },
    { path: '/broken', type: CameraUnreachableError, detail: '503 Service Unavailable' },
  ])('of $path fails: $detail', async ({ path, type, detail }) => {
    const video = get(newCache(), `${path}`)
    await expect(video).rejects.toThrow(type)
    await expect(video).rejects.toThrow(`${server.url}${path}: ${detail}`)
  })

  it.each([
    { path: '/live', is: 'a stream of JPEGs without end (multipart/x-mixed-replace; boundary=x)' },
    { path: '/live.m3u8', is: 'a playlist (HLS) (application/vnd.apple.mpegurl)' },
  ])('of $path is refused at once, and what to use instead is said', async ({ path, is }) => {
    const video = get(newCache(), path)
    await expect(video).rejects.toThrow(CameraPathError)
    await expect(video).rejects.toThrow(
      `Camera dock-1 has no such stream or file: ${server.url}${path} is ${is}, and no video file. Use the camera's RTSP address, with type: rtsp`,
    )
    await expect.poll(() => server.clients).toBe(0)
  })

  it('does not show what follows the path of an address', async () => {
    await expect(get(newCache(), '/nowhere?key=opensesame')).rejects.toMatchObject({
      detail: `${server.url}/nowhere: 404 Not Found`,
    })
  })

  it('says that nothing listens there', async () => {
    await server.close()
    await expect(get(newCache(), '/clip.mp4')).rejects.toThrow(/cannot be reached: .*ECONNREFUSED/)
  })

  it('of more than the bound is refused, of the bound is not', async () => {
    const refused = get(newCache({ maxBytes: clipBytes - 1 }), '/clip.mp4')
    await expect(refused).rejects.toThrow(CameraPathError)
    await expect(refused).rejects.toThrow(`larger than the ${clipBytes - 1} bytes`)
    await get(newCache({ maxBytes: clipBytes }), '/clip.mp4')
  })

  it('for which the disk has no room, beside what is left to rows, is not begun, and what there was of it is removed', async () => {
    const leave = 5_000_000
    let freeBytes = clipBytes + leave
    const cache = newCache({ room: { leave, freeBytes: () => Promise.resolve(freeBytes) } })
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    server.cutAfter(undefined)
    freeBytes = clipBytes - 1000 + leave - 1
    await expect(get(cache, '/clip.mp4')).rejects.toEqual(
      new VideoRoomError(camera, { freeBytes, missing: clipBytes - 1000, leave }),
    )
    expect(await endings()).toEqual([])
    freeBytes = clipBytes + leave
    await get(cache, '/clip.mp4')
    expect(server.requests.at(-1)).toBe('/clip.mp4')
  })

  it('is given up and removed when others fill the disk meanwhile', async () => {
    const large = join(workshop, 'large.mp4')
    await writeFile(large, Buffer.alloc(9 * 1024 * 1024))
    const other = await startVideoServer(large)
    const free = [50_000_000, 5_500_000]
    const room = { leave: 5_000_000, freeBytes: () => Promise.resolve(free.shift() ?? 0) }
    const video = newCache({ room }).get(camera, `${other.url}/clip.mp4`, undefined, never)
    await expect(video).rejects.toThrow(
      /^The disk has no room for the video of camera dock-1: 5\.5 MB are free, (1\.0 MB|9\d\d kB) of it are still to come, and disk\.pauseBelow \(5\.0 MB\) is left to rows$/,
    )
    expect(await endings()).toEqual([])
    await other.close()
  })

  it('that fills the disk is removed', async () => {
    const cache = newCache()
    server.resumable(false)
    server.cutAfter(1000)
    await expect(get(cache, '/clip.mp4')).rejects.toThrow(CameraUnreachableError)
    const [part = ''] = await readdir(folder)
    await rm(join(folder, part))
    await symlink('/dev/full', join(folder, part))
    await expect(get(cache, '/clip.mp4')).rejects.toMatchObject({ code: 'disk.failed', systemCode: 'ENOSPC' })
    expect(await endings()).toEqual([])
  })

  it('into a place that is no folder is an error of the disk', async () => {
    await writeFile(folder, '')
    await expect(get(newCache(), '/clip.mp4')).rejects.toThrow(DiskError)
  })
})

describe('a cache that is full', () => {
  it('removes the longest unused, but nothing that is being read', async () => {
    const clock = new VirtualClock()
    const cache = newCache({ maxBytes: clipBytes * 2, clock })
    const take = async (path: string) => {
      clock.advance(seconds(1))
      return get(cache, path)
    }
    const first = await take('/clip.mp4?1')
    const second = await take('/clip.mp4?2')
    second.release()
    const third = await take('/clip.mp4?3')
    await expect(stat(second.path)).rejects.toThrow('ENOENT')
    expect(await endings()).toEqual(['.version', '.version', '.video', '.video'])
    first.release()
    third.release()
    ;(await take('/clip.mp4?1')).release() // used again: now the third is older
    ;(await take('/clip.mp4?4')).release()
    await expect(stat(third.path)).rejects.toThrow('ENOENT')
    expect((await stat(first.path)).size).toBe(clipBytes)
  })

  it('is cleaned on demand of what earlier runs have left', async () => {
    await get(newCache(), '/clip.mp4')
    await writeFile(join(folder, 'aaaa.part'), 'cut')
    await writeFile(join(folder, 'bbbb.video'), 'old')
    await utimes(join(folder, 'bbbb.video'), 1, 1)
    await newCache({ maxBytes: clipBytes }).clean()
    expect(await endings()).toEqual(['.version', '.video'])
    expect(await readdir(folder)).not.toContain('bbbb.video')
  })
})

describe('two who want the same video', () => {
  it('share one download', async () => {
    const cache = newCache()
    const [one, other] = await Promise.all([get(cache, '/clip.mp4'), get(cache, '/clip.mp4')])
    expect(one.path).toBe(other.path)
    expect(server.requests).toEqual(['/clip.mp4', '/clip.mp4 unless "v1"'])
  })
})

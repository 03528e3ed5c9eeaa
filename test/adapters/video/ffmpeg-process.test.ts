import { execFile, spawn } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import type { FfmpegInput } from '../../../src/adapters/video/ffmpeg-command.ts'
import { ffmpegFailure } from '../../../src/adapters/video/ffmpeg-failure.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { CameraUnreachableError, VideoToolError } from '../../../src/domain/camera-errors.ts'
import { bytesPerPicture } from '../../../src/domain/frame.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { drawGrey, makeClip } from '../../support/make-clip.ts'
import { descendants, processView } from '../../support/processes.ts'

const size = { width: 4, height: 2 }
const picture = 24
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-process-'))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => vi.unstubAllEnvs())

/** A program that stands in for ffmpeg: a shell script. */
async function script(name: string, body: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${body}\n`)
  await chmod(path, 0o755)
  return path
}
const saysSize = "echo '[scale@square @ 0x1] [verbose] w:8 h:4 fmt:yuv420p sar:0/1 -> w:8 h:4 fmt:yuv420p' >&2"
const writesPictures = (count: number) => `head -c ${count * picture} /dev/zero`

const sourceOf = (
  ffmpeg: string,
  clock: VirtualClock | typeof systemClock = systemClock,
  input: FfmpegInput = { type: 'file', path: 'clip.mp4' },
) =>
  createFfmpegSource({
    cameraId: cameraId('dock-1'),
    input,
    fit: 'stretch',
    clock,
    ffmpeg,
  })

describe('a process that ignores the request to end', () => {
  it('is killed two seconds after it, with its children', async () => {
    const clock = new VirtualClock()
    const ffmpeg = await script(
      'stubborn',
      `trap '' TERM\n${saysSize}\n${writesPictures(1)}\nsleep 77 &\nwhile :; do sleep 77; done`,
    )
    const source = sourceOf(ffmpeg, clock)
    const abort = new AbortController()
    const stream = await source.open(new MemoryFrameSink(size), abort.signal)
    await expect.poll(() => sleepers()).toHaveLength(2)
    let released = false
    abort.abort()
    void source.released().then(() => (released = true))
    clock.advance(1999)
    // A kill would show within a moment; the group takes a while to be looked at.
    expect(await sleepers()).toHaveLength(2)
    expect(released).toBe(false)
    clock.advance(1)
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'stopped' })
    await source.released()
    await expect.poll(() => sleepers()).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('holds up the next open until it is gone', async () => {
    const clock = new VirtualClock()
    const ffmpeg = await script(
      'stubborn-again',
      `trap '' TERM\n${saysSize}\n${writesPictures(1)}\nwhile :; do sleep 77; done`,
    )
    const source = sourceOf(ffmpeg, clock)
    const first = new AbortController()
    await source.open(new MemoryFrameSink(size), first.signal)
    first.abort()
    const second = new AbortController()
    const sink = new MemoryFrameSink(size)
    const open = source.open(sink, second.signal)
    // Between fork and exec its `sleep` is called as it is itself.
    await expect.poll(() => running('stubborn-again')).toHaveLength(1)
    expect(sink.events).toEqual([])
    clock.advance(2000)
    await open
    expect(sink.count('picture')).toBe(1)
    second.abort()
    clock.advance(2000)
    await source.released()
  })
})

const sleepers = async () => (await descendants(process.pid)).filter((each) => each.command === 'sleep 77')
const running = async (name: string) => (await descendants(process.pid)).filter((each) => each.command.includes(name))

describe('a process that is started', () => {
  it('sees nothing of our environment but what it needs, for that may hold the secrets of others', async () => {
    vi.stubEnv('DOCK_7_PASSWORD', 'opensesame')
    const ffmpeg = await script('nosy', `env > ${join(folder, 'seen')}\n${saysSize}\nexit 0`)
    const open = sourceOf(ffmpeg).open(new MemoryFrameSink(size), new AbortController().signal)
    await expect(open).rejects.toThrow(CameraUnreachableError)
    const seen = await readFile(join(folder, 'seen'), 'utf8')
    expect(seen).toContain('LC_ALL=C')
    expect(seen).not.toMatch(/opensesame|NODE/)
  })
})

describe('a process that ends', () => {
  it('inside a picture has lost its stream, and frees the slot of that picture', async () => {
    const ffmpeg = await script('cut', `${saysSize}\n${writesPictures(1)}; head -c 5 /dev/zero`)
    const sink = new MemoryFrameSink(size)
    const stream = await sourceOf(ffmpeg).open(sink, new AbortController().signal)
    expect(await stream.ended).toEqual({
      kind: 'lost',
      detail: 'the source ended the stream (ffmpeg exited with code 0)',
    })
    expect(sink.events.map((event) => event.type)).toEqual(['picture', 'abandoned'])
    expect(sink.taken).toBe(0)
  })

  it('with an error has lost its stream, and tells its last words once each', async () => {
    const complaint = "echo '[h264 @ 0x1] [error] no frame!' >&2"
    const ffmpeg = await script('error', `${saysSize}\n${writesPictures(2)}\n${complaint}\n${complaint}\nexit 69`)
    const stream = await sourceOf(ffmpeg).open(new MemoryFrameSink(size), new AbortController().signal)
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'no frame! (ffmpeg exited with code 69)' })
  })

  it('has ended once nobody is left who may say something, and has said that too', async () => {
    const fifo = join(folder, 'last-words')
    await promisify(execFile)('mkfifo', [fifo])
    // Stays when the rest has gone, and speaks when it is told to.
    const child = `(exec >&-; read words < ${fifo}; echo "[rtsp @ 0x1] [error] $words" >&2) &`
    const ffmpeg = await script('outlived', `${saysSize}\n${writesPictures(1)}\n${child}\nexit 1`)
    const stream = await sourceOf(ffmpeg).open(new MemoryFrameSink(size), new AbortController().signal)
    await expect.poll(() => running(ffmpeg)).toEqual([])
    await writeFile(fifo, 'Connection reset\n')
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'Connection reset (ffmpeg exited with code 1)' })
  })

  it('by a signal has lost its stream', async () => {
    const ffmpeg = await script('crash', `${saysSize}\n${writesPictures(1)}\nkill -SEGV $$`)
    const stream = await sourceOf(ffmpeg).open(new MemoryFrameSink(size), new AbortController().signal)
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'ffmpeg was killed by SIGSEGV' })
  })

  it('before its first picture could not reach the camera', async () => {
    const ffmpeg = await script('nothing', `${saysSize}\nexit 0`)
    const open = sourceOf(ffmpeg).open(new MemoryFrameSink(size), new AbortController().signal)
    await expect(open).rejects.toEqual(
      new CameraUnreachableError(cameraId('dock-1'), 'it ended before its first picture (ffmpeg exited with code 0)'),
    )
  })

  it('while a lossless sink has no room gives the rest when there is room', async () => {
    // Three of these are more than one read of the pipe gives, and no more than the pipe holds after it.
    const large = { width: 128, height: 100 }
    const ffmpeg = await script('quick', `${saysSize}\nhead -c ${3 * bytesPerPicture(large)} /dev/zero`)
    const sink = new MemoryFrameSink(large, { lossless: true, slots: 1, freesAtOnce: false })
    const stream = await sourceOf(ffmpeg).open(sink, new AbortController().signal)
    await expect.poll(() => running('quick')).toEqual([])
    for (let seen = 1; seen < 3; seen++) {
      expect(sink.pictures).toHaveLength(seen)
      sink.free()
      await sink.until(() => sink.pictures.length > seen)
    }
    expect((await stream.ended).kind).toBe('finished')
  })

  it('while a lossless sink has no room lets go of the rest when that is aborted', async () => {
    const clock = new VirtualClock()
    const large = { width: 128, height: 100 }
    const ffmpeg = await script('left', `${saysSize}\nhead -c ${3 * bytesPerPicture(large)} /dev/zero`)
    const source = sourceOf(ffmpeg, clock)
    const sink = new MemoryFrameSink(large, { lossless: true, slots: 1, freesAtOnce: false })
    const abort = new AbortController()
    const stream = await source.open(sink, abort.signal)
    await expect.poll(() => running('left')).toEqual([])
    // Not only the processes: what they said has been heard too.
    await expect.poll(() => getEventListeners(abort.signal, 'abort').length).toBeLessThanOrEqual(1)
    abort.abort()
    expect(await stream.ended).toEqual({ kind: 'lost', detail: 'stopped' })
    await source.released()
    sink.free()
    expect(sink.pictures).toHaveLength(1)
    expect(clock.pending).toBe(0)
    expect(getEventListeners(abort.signal, 'abort')).toEqual([])
  })
})

describe('a process whose pictures change their size', () => {
  it('has lost its stream: another size is another stream', async () => {
    const go = join(folder, 'go')
    const waits = `while [ ! -e ${go} ]; do sleep 0.02; done`
    const resizes = saysSize.replace('-> w:8', '-> w:16')
    const ffmpeg = await script('resized', `${saysSize}\n${writesPictures(1)}\n${waits}\n${resizes}\nexec sleep 77`)
    const source = sourceOf(ffmpeg, systemClock, { type: 'rtsp', url: 'rtsp://127.0.0.1/stream' })
    const sink = new MemoryFrameSink(size)
    const stream = await source.open(sink, new AbortController().signal)
    await writeFile(go, '')
    expect(await stream.ended).toEqual({ kind: 'lost', detail: "the picture's size changed from 8x4 to 16x4" })
    expect(sink.events.at(-1)).toEqual({ type: 'resized' })
  })

  it('before the first of them has come says so', async () => {
    const resizes = saysSize.replace('-> w:8', '-> w:16')
    const ffmpeg = await script('resized-early', `${saysSize}\n${resizes}\nexec sleep 77`)
    const source = sourceOf(ffmpeg, systemClock, { type: 'rtsp', url: 'rtsp://127.0.0.1/stream' })
    await expect(source.open(new MemoryFrameSink(size), new AbortController().signal)).rejects.toEqual(
      new CameraUnreachableError(cameraId('dock-1'), "the picture's size changed from 8x4 to 16x4"),
    )
  })

  it.each([{ loop: false }, { loop: true }])(
    'is finished with a recording, which would begin at its first picture again: loop $loop',
    async ({ loop }) => {
      const parts = [size, { width: 8, height: 4 }].map((each) => ({ each, path: join(folder, `${each.width}.h264`) }))
      const makes = parts.map(({ each: { width, height }, path }) =>
        makeClip(path, { size: { width: 16 * width, height: 16 * height }, rate: 5, frames: 5, draw: drawGrey }),
      )
      await Promise.all(makes)
      const raw = join(folder, 'two-sizes.h264')
      await writeFile(raw, Buffer.concat(await Promise.all(parts.map((part) => readFile(part.path)))))
      const path = join(folder, `two-sizes-${loop}.ts`)
      await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', raw, '-c', 'copy', path])
      // One picture is more than the pipe holds: four have been taken before ffmpeg comes to the other size.
      const sink = new MemoryFrameSink({ width: 512, height: 512 }, { lossless: true })
      const source = sourceOf('ffmpeg', systemClock, { type: 'file', path, loop })
      const stream = await source.open(sink, new AbortController().signal)
      expect(stream.sourceSize).toEqual({ width: 64, height: 32 })
      expect(await stream.ended).toEqual({
        kind: 'finished',
        detail:
          "the picture's size changed from 64x32 to 128x64, and what comes from there on is not read. Make a recording of its own of it",
      })
      expect([4, 5]).toContain(sink.count('picture'))
    },
  )
})

describe('a process that says a password with what cannot be decoded', () => {
  it('is heard without it', async () => {
    const says = "echo '[vist#0:0/h264 @ 0x1] [error] Error while decoding stream #0:0: opensesame' >&2"
    const source = createFfmpegSource({
      cameraId: cameraId('dock-1'),
      input: {
        type: 'rtsp',
        url: 'rtsp://127.0.0.1/stream',
        credentials: { username: 'eve', password: 'opensesame' },
      },
      fit: 'stretch',
      clock: systemClock,
      ffmpeg: await script('indiscreet', `${saysSize}\n${says}\n${writesPictures(1)}`),
    })
    const sink = new MemoryFrameSink(size)
    await (
      await source.open(sink, new AbortController().signal)
    ).ended
    const failed = sink.events.filter((event) => event.type === 'decode-failed')
    expect(failed).toEqual([{ type: 'decode-failed', detail: 'Error while decoding stream #0:0: ***' }])
  })
})

describe('a process that talks without end', () => {
  it('is read, a line at most 4 kB', async () => {
    const ffmpeg = await script(
      'talks',
      `${saysSize}\nhead -c 5000000 /dev/zero | tr '\\0' x >&2\n${writesPictures(1)}\nexit 3`,
    )
    const stream = await sourceOf(ffmpeg).open(new MemoryFrameSink(size), new AbortController().signal)
    const { detail } = await stream.ended
    expect(detail.length).toBeLessThan(4200)
    expect(detail).toMatch(/^x+ \(ffmpeg exited with code 3\)$/)
  })
})

describe('a machine that cannot make a process', () => {
  it('says what the system says, leaves no socket, and gives no advice on programs', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => /Pipe|Socket/.test(kind)).length
    const before = sockets()
    // Node throws it from `spawn`, as it does ENOMEM: Linux takes no argument of more than 128 KiB.
    const source = sourceOf('x'.repeat(200_000))
    for (let time = 0; time < 3; time++) {
      await expect(source.open(new MemoryFrameSink(size), new AbortController().signal)).rejects.toEqual(
        new CameraUnreachableError(cameraId('dock-1'), 'no process for it could be made: E2BIG'),
      )
    }
    await source.released()
    await expect.poll(sockets).toBe(before)
  })

  it.each(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])('is told from one that lacks a program: %s', (systemCode) => {
    const input = { type: 'file', path: 'clip.mp4' } as const
    expect(ffmpegFailure(cameraId('dock-1'), input, { type: 'not-started', systemCode }, [])).toEqual(
      new CameraUnreachableError(cameraId('dock-1'), `no process for it could be made: ${systemCode}`),
    )
  })
})

describe('a device that the system shuts out', () => {
  it('says what lets it in', () => {
    const input = { type: 'device', path: '/dev/video0', size: { width: 640, height: 480 }, rate: 30 } as const
    const end = { type: 'exited', code: 1 } as const
    expect(ffmpegFailure(cameraId('dock-1'), input, end, ['/dev/video0: Operation not permitted'])).toEqual(
      new CameraUnreachableError(
        cameraId('dock-1'),
        '/dev/video0: Operation not permitted (ffmpeg exited with code 1). What runs Belay shuts the device out: make its systemd unit anew (belay service install), or hand the device to its container',
      ),
    )
  })
})

describe('a machine without the programs', () => {
  const open = (ffmpeg: string) => sourceOf(ffmpeg).open(new MemoryFrameSink(size), new AbortController().signal)

  it('says that ffmpeg is missing', async () => {
    const opened = open('no-such-ffmpeg')
    await expect(opened).rejects.toThrow(VideoToolError)
    await expect(opened).rejects.toMatchObject({ tool: 'ffmpeg' })
  })

  it('says that setpriv is missing', async () => {
    vi.stubEnv('PATH', folder)
    await expect(open('ffmpeg')).rejects.toEqual(new VideoToolError('setpriv', 'ENOENT'))
  })

  it('says that ffmpeg is too old', async () => {
    const ffmpeg = await script('old', `echo "[fatal] Unrecognized option 'fps_mode'." >&2\nexit 1`)
    await expect(open(ffmpeg)).rejects.toMatchObject({
      code: 'video.tool',
      message:
        "ffmpeg cannot be run: Unrecognized option 'fps_mode'. It is too old: Belay needs 5.1 or later, which Debian 12, Ubuntu 24.04 and later have; " +
        'elsewhere, put a newer build of it into /usr/local/bin',
    })
  })
})

describe('a daemon that is killed', () => {
  it('takes its ffmpeg with it, also one that is waiting for a silent camera', async () => {
    const clip = join(folder, 'grey.mp4')
    await makeClip(clip, { size: { width: 64, height: 36 }, rate: 5, frames: 50, draw: drawGrey })
    const daemon = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'open-and-wait.ts'), clip], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface(daemon.stdout), 'line')) as [string]
    expect(line).toBe('open')
    const [ffmpeg] = (await descendants(daemon.pid ?? 0)).filter((each) => each.command.startsWith('ffmpeg'))
    // A stopped process writes nothing, so that no broken pipe can end it.
    process.kill(ffmpeg?.pid ?? 0, 'SIGSTOP')
    daemon.kill('SIGKILL')
    await once(daemon, 'close')
    await expect.poll(() => processView(ffmpeg?.pid ?? 0)).toSatisfy(isGone)
  })
})

/** A zombie waits for whoever adopted it, and holds nothing. */
const isGone = (view: Awaited<ReturnType<typeof processView>>): boolean => view === undefined || view.state === 'Z'

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createActor, fromPromise, type SnapshotFrom, waitFor } from 'xstate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFrameStream } from '../../../src/actors/frame-stream.ts'
import { createFrameWatch } from '../../../src/actors/frame-watch.ts'
import { Loose } from '../../../src/actors/loose.ts'
import { systemClock } from '../../../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../../../src/adapters/video/ffmpeg-source.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { seconds } from '../../../src/domain/units.ts'
import { cameraMachine } from '../../../src/machines/camera-machine.ts'
import { startLane } from '../../frame-path/support.ts'
import { MemoryFrameSink } from '../../fakes/memory-frame-sink.ts'
import { drawGrey, makeClip } from '../../support/make-clip.ts'

const frames = 100
let folder: string
let clip: string

const run = promisify(execFile)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-bad-stretch-'))
  clip = join(folder, 'sound.mp4')
  await makeClip(clip, { size: { width: 64, height: 36 }, rate: 25, frames, draw: drawGrey })
})
afterAll(() => rm(folder, { recursive: true }))

/** A copy of the clip with zeros in so many of its packets, as a disk with bad sectors gives. */
async function withoutPackets(from: number, count: number): Promise<string> {
  const entries = ['-select_streams', 'v', '-show_entries', 'packet=pos,size', '-of', 'json', clip]
  const { stdout } = await run('ffprobe', ['-v', 'error', ...entries])
  const { packets } = JSON.parse(stdout) as { packets: { pos: string; size: string }[] }
  const bytes = await readFile(clip)
  for (const { pos, size } of packets.slice(from, from + count)) bytes.fill(0, Number(pos), Number(pos) + Number(size))
  const path = join(folder, `without-${count}.mp4`)
  await writeFile(path, bytes)
  return path
}

const fileSource = (path: string) =>
  createFfmpegSource({
    cameraId: cameraId('dock-1'),
    input: { type: 'file', path },
    fit: 'stretch',
    clock: systemClock,
  })

/** One camera over this recording, at the recording's own rate, until it is finished or has lost its stream. */
async function play(path: string) {
  const { lane } = startLane({ begun: false, size: { width: 64, height: 36 } })
  const source = fileSource(path)
  const loose = new Loose()
  const common = { maxRate: undefined, loose } as const
  const camera = createActor(
    cameraMachine.provide({
      actors: {
        frameStream: createFrameStream({ cameraId: lane.cameraId, source, sink: lane, ...common }),
        frameWatch: createFrameWatch({
          ...{ watched: lane, clock: systemClock, isRecording: true },
          ...{ stallAfter: 'auto', frozenAfter: 'off', ...common },
        }),
        streamReleased: fromPromise(() => source.released()),
      },
      delays: { reconnectDelay: seconds(60) },
    }),
    {
      input: {
        ...{ cameraId: lane.cameraId, connectTimeout: seconds(60) },
        ...{ lastFault: () => undefined, noPictureAdvice: 'Look' },
      },
    },
  ).start()
  const isOver = (snapshot: SnapshotFrom<typeof cameraMachine>): boolean =>
    snapshot.matches('finished') || snapshot.matches('backingOff')
  const { value, context } = await waitFor(camera, isOver, { timeout: 60_000 })
  camera.send({ type: 'drain' })
  await waitFor(camera, ({ status }) => status === 'done')
  return { state: value, why: context.why, captured: lane.stats.counts.captured }
}

describe('a recording of which a second in the middle cannot be decoded', () => {
  it('is read on behind it, once, to its end', async () => {
    const { state, why, captured } = await play(await withoutPackets(40, 25))
    expect({ state, captured }).toEqual({ state: 'finished', captured: frames - 25 })
    expect(why).toMatch(/^the file was read to its end; ffmpeg complained: /)
  })
})

describe('a recording of which most cannot be decoded', () => {
  it('is read to its end all the same', async () => {
    const sink = new MemoryFrameSink({ width: 64, height: 36 }, { lossless: true })
    const stream = await fileSource(await withoutPackets(5, 70)).open(sink, new AbortController().signal)
    expect((await stream.ended).kind).toBe('finished')
    expect({ pictures: sink.count('picture'), lost: sink.count('lost') }).toEqual({ pictures: frames - 70, lost: 70 })
  })
})

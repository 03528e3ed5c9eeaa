import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LogLine, RunningDaemon } from '../test/e2e/support/daemon.ts'
import { eventually } from '../test/support/eventually.ts'
import { makeClip } from '../test/support/make-clip.ts'
import { startRtspServer } from '../test/support/rtsp-server.ts'
import { slowOnWhite } from '../test/support/slow-model.ts'
import { cameraId, withDaemon } from './bench-daemon.ts'
import type { Benchmark, BenchOptions } from './benchmark.ts'
import { medianOf } from './figures.ts'
import type { Workshop } from './workshop.ts'

/**
 * How long until a stall is noticed; until a lost stream streams again, from the first try after its server is back; and until a thread that
 * hangs is replaced, from when it was given up.
 */
export const recovery: Benchmark = async (workshop, options) => {
  const streams = []
  for (let round = 0; round < options.repeats; round++) streams.push(await loseStream(workshop, options))
  const workerMs = []
  for (let round = 0; round < options.repeats; round++) workerMs.push(await hangWorker(workshop))
  options.tell(`stalls and returns ${JSON.stringify(streams)}, workers ${JSON.stringify(workerMs)}`)
  return {
    recovery: {
      stallMs: medianOf(streams, ({ stallMs }) => stallMs),
      reconnectMs: medianOf(streams, ({ reconnectMs }) => reconnectMs),
      workerMs: medianOf(workerMs, (ms) => ms),
    },
  }
}

const camera = `root/cameras/${cameraId(0)}`

async function loseStream(
  workshop: Workshop,
  { tell }: BenchOptions,
): Promise<{ stallMs: number; reconnectMs: number }> {
  const clip = await workshop.clip()
  const h264File = join(workshop.folder, 'belt.h264')
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-i', clip.file, '-c', 'copy', h264File])
  const server = await startRtspServer({ file: h264File, fps: clip.rate })
  const options = {
    models: [await workshop.network('small')],
    cameras: [{ id: cameraId(0), source: { type: 'rtsp', url: server.url } }],
  }
  try {
    return await withDaemon(workshop, options, async ({ daemon, stop }) => {
      await entered(daemon, 'streaming', 0)
      const stalledAt = Date.now()
      server.stall()
      const lostAt = await entered(daemon, 'backingOff', stalledAt)
      // Nothing to be had: what is tried meanwhile fails, and is not what is measured.
      await server.refuse(true)
      server.resume()
      server.drop()
      await server.refuse(false)
      const backAt = Date.now()
      const streamsAt = await entered(daemon, 'streaming', backAt)
      // The first, so that a try that fails though the server is back is part of the time. One may have been under way already.
      const tries = statesOf(daemon).filter(
        ({ state, at }) => state === 'connecting' && at >= backAt && at <= streamsAt,
      )
      const triedAt = tries[0]?.at ?? backAt
      await stop()
      tell(`stall seen after ${lostAt - stalledAt} ms; streams ${streamsAt - triedAt} ms after the try`)
      return { stallMs: lostAt - stalledAt, reconnectMs: streamsAt - triedAt }
    })
  } finally {
    await server.close()
  }
}

async function hangWorker(workshop: Workshop): Promise<number> {
  const [file, clip] = [join(workshop.folder, 'hangs.onnx'), join(workshop.folder, 'one-white.mp4')]
  // Seconds of one core, and then it comes back: a thread that never did would keep the daemon from ending in order.
  await writeFile(file, slowOnWhite({ side: 2000, rounds: 40 }))
  const draw = (frame: number, pixels: Uint8Array): void => void pixels.fill(frame === 20 ? 255 : 0)
  await makeClip(clip, { size: { width: 64, height: 64 }, rate: 10, frames: 40, draw })
  const options = {
    models: [{ name: 'hangs', kind: 'classify', file, labels: ['a', 'b', 'c'] } as const],
    cameras: [{ id: cameraId(0), picture: '16x16', source: { type: 'file', path: clip } }],
    inference: { workers: 2, deadline: '500ms' },
  }
  return withDaemon(workshop, options, async ({ daemon, stop }) => {
    const [retired, replaced] = [await said(daemon, 'worker.retired'), await said(daemon, 'worker.replaced')]
    await said(daemon, 'worker.returned')
    await stop()
    return timeOf(replaced) - timeOf(retired)
  })
}

const timeOf = ({ time }: LogLine): number => Date.parse(time)

const statesOf = ({ log }: RunningDaemon) =>
  log
    .filter(({ fact, actor }) => fact === 'state' && actor === camera)
    .map((line) => ({ state: line['state'], at: timeOf(line) }))

/** When the camera was first in `state` after a moment. */
const entered = (daemon: RunningDaemon, wanted: string, after: number): Promise<number> =>
  eventually(
    () => `the camera is ${wanted}; it was ${JSON.stringify(statesOf(daemon))}`,
    () => Promise.resolve(statesOf(daemon).find(({ state, at }) => state === wanted && at >= after)?.at),
    120,
  )

const said = (daemon: RunningDaemon, fact: string): Promise<LogLine> =>
  eventually(
    () => `inference says ${fact}`,
    () => Promise.resolve(daemon.log.find((line) => line.fact === fact)),
    120,
  )

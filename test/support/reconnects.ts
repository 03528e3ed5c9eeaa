import { readdir, readFile, readlink } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createActor, fromPromise, waitFor } from 'xstate'
import { createFrameStream } from '../../src/actors/frame-stream.ts'
import { createFrameWatch } from '../../src/actors/frame-watch.ts'
import { Loose } from '../../src/actors/loose.ts'
import { systemClock } from '../../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../../src/adapters/video/ffmpeg-source.ts'
import { cameraId } from '../../src/domain/ids.ts'
import { seconds } from '../../src/domain/units.ts'
import { CameraLane } from '../../src/frame-path/camera-lane.ts'
import { CameraLedger } from '../../src/frame-path/camera-ledger.ts'
import { cameraMachine } from '../../src/machines/camera-machine.ts'
import type { VideoSource } from '../../src/ports/video-source.ts'
import { type RtspServer, startRtspServer } from './rtsp-server.ts'

export interface Soak {
  /** H.264, Annex-B, without B-frames. */
  readonly h264File: string
  readonly fps: number
  /** Side by side. */
  readonly cameras: number
  /** In each round, by all cameras together. After a round everything is stopped and counted. */
  readonly reconnectsInRound: number
  readonly rounds: number
}

/** What this process holds while nothing runs, after a round. */
export interface SoakSample {
  readonly reconnects: number
  readonly pictures: number
  readonly openFiles: number
  /** Processes that were started here and are there still, zombies among them. */
  readonly children: number
  /** Of JavaScript, after a collection: heap, and buffers outside of it. */
  readonly usedMiB: number
  readonly residentMiB: number
}

/** Loses the stream of real camera actors with real ffmpeg processes again and again, in turn by the server's hand and by killing ffmpeg. */
export async function* soak({ h264File, fps, cameras, reconnectsInRound, rounds }: Soak): AsyncGenerator<SoakSample> {
  const kept = await Promise.all(
    Array.from(
      { length: cameras },
      async (_, index) => new SoakedCamera(index, await startRtspServer({ file: h264File, fps })),
    ),
  )
  try {
    for (let round = 1; round <= rounds; round++) {
      await Promise.all(kept.map((camera) => camera.run(round, reconnectsInRound / cameras)))
      yield await sample(
        kept.reduce((sum, { reconnects }) => sum + reconnects, 0),
        kept.reduce((sum, { pictures }) => sum + pictures, 0),
      )
    }
  } finally {
    await Promise.all(kept.map((camera) => camera.server.close()))
  }
}

class SoakedCamera {
  reconnects = 0
  readonly #id
  readonly #lane: CameraLane
  readonly #source: VideoSource

  constructor(
    index: number,
    readonly server: RtspServer,
  ) {
    this.#id = cameraId(`soak-${index}`)
    this.#source = createFfmpegSource({
      cameraId: this.#id,
      input: { type: 'rtsp', url: server.url },
      fit: 'letterbox',
      clock: systemClock,
    })
    this.#lane = new CameraLane({
      cameraId: this.#id,
      ledger: new CameraLedger(),
      size: { width: 64, height: 64 },
      fit: 'letterbox',
      policy: 'latest',
      models: [],
      frames: 1,
      comparesPictures: true,
      workers: 1,
      clock: systemClock,
      recorder: { record: () => undefined, recordWhenRoom: () => Promise.resolve() },
    })
  }

  get pictures(): number {
    return this.#lane.stats.counts.captured
  }

  /** One incarnation of the camera's actor: so many losses, then it is drained. */
  async run(epoch: number, reconnects: number): Promise<void> {
    this.#lane.beginEpoch(epoch)
    const loose = new Loose()
    const released = async (): Promise<void> => {
      await loose.settled()
      await this.#source.released()
    }
    const stream = { cameraId: this.#id, source: this.#source, sink: this.#lane, maxRate: undefined, loose }
    const limits = { maxRate: undefined, stallAfter: 'auto', frozenAfter: 'off' } as const
    const watch = { watched: this.#lane, clock: systemClock, ...limits, loose }
    const machine = cameraMachine.provide({
      actors: {
        frameStream: createFrameStream(stream),
        frameWatch: createFrameWatch(watch),
        streamReleased: fromPromise(released),
      },
      delays: { reconnectDelay: 0 },
    })
    const lastFault = () => this.#lane.seen.lastDecodeError
    const actor = createActor(machine, {
      input: { cameraId: this.#id, connectTimeout: seconds(60), lastFault, noPictureAdvice: 'Look' },
    })
    actor.start()
    for (let turn = 0; turn <= reconnects; turn++) {
      await waitFor(actor, (snapshot) => snapshot.matches({ online: 'open' }), { timeout: 120_000 })
      if (turn === reconnects) break
      this.reconnects++
      const lost = waitFor(actor, (snapshot) => !snapshot.matches({ online: 'open' }), { timeout: 120_000 })
      if (turn % 10 === 9) await killOne(this.server.url)
      else this.server.drop()
      await lost
    }
    actor.send({ type: 'drain' })
    await waitFor(actor, ({ status }) => status === 'done', { timeout: 30_000 })
    await released()
  }
}

/** Kills the ffmpeg that reads from this address; its password-less address is on its standard input, so its connection tells which it is. */
async function killOne(url: string): Promise<void> {
  const port = Number(new URL(url).port)
  for (const pid of await children()) {
    if ((await portsOf(pid)).includes(port)) process.kill(pid, 'SIGKILL')
  }
}

/** The ports of this machine to which a process has a connection. */
async function portsOf(pid: number): Promise<number[]> {
  const [table, own] = await Promise.all([readFile(`/proc/${pid}/net/tcp`, 'utf8').catch(() => ''), socketsOf(pid)])
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => own.has(fields[9] ?? ''))
    .map((fields) => Number.parseInt(fields[2]?.split(':')[1] ?? '0', 16))
}

async function socketsOf(pid: number): Promise<Set<string>> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

const children = async (): Promise<number[]> =>
  (await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number)

/** V8's own, without a flag on the command line. */
function exposedGc(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

const gc = exposedGc()

/** Bytes of JavaScript that somebody holds: heap, and buffers outside of it. Some are let go of only in the turn after a collection. */
async function bytesHeld(): Promise<number> {
  let held = Infinity
  for (let round = 0; round < 10; round++) {
    gc()
    await setImmediate()
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external > held - 2 ** 16) break
    held = heapUsed + external
  }
  return held
}

async function sample(reconnects: number, pictures: number): Promise<SoakSample> {
  const held = await bytesHeld()
  return {
    reconnects,
    pictures,
    openFiles: (await readdir('/proc/self/fd')).length,
    children: (await children()).length,
    usedMiB: held / 2 ** 20,
    residentMiB: process.memoryUsage().rss / 2 ** 20,
  }
}

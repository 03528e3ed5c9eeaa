/**
 * What it costs the main thread to read pictures: its share of a core while 100 pictures of 640x640 a second come through the pipes of four ffmpeg
 * processes into their cameras' slots, where nobody takes them. Prints JSON.
 *
 *     node --import tsx bench/pipes.ts FOLDER
 */
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '../src/adapters/system-clock.ts'
import { createFfmpegSource } from '../src/adapters/video/ffmpeg-source.ts'
import { cameraId } from '../src/domain/ids.ts'
import { CameraLane } from '../src/frame-path/camera-lane.ts'
import { CameraLedger } from '../src/frame-path/camera-ledger.ts'
import { makeClip } from './clip.ts'
import { median } from './figures.ts'
import { cpuSecondsOf } from './process-cpu.ts'

const [cameras, rate, side] = [4, 25, 640]
const [warmSeconds, seconds, looks] = [10, 5, 5]

const folder = process.argv[2] ?? '.'
const clip = await makeClip(`${folder}/pipes.mp4`, 10 * rate, rate)
const over = new AbortController()
const clock = systemClock
const lanes = await Promise.all(
  Array.from({ length: cameras }, async (_, index) => {
    const id = cameraId(`camera-${index + 1}`)
    const nowhere = { record: () => undefined, recordWhenRoom: () => Promise.resolve() }
    const lane = new CameraLane({
      ...{ cameraId: id, ledger: new CameraLedger(), size: { width: side, height: side }, fit: 'letterbox' },
      ...{ policy: 'latest', models: [], frames: 1, workers: 2, clock, recorder: nowhere },
    })
    lane.beginEpoch(1)
    // As in a scheduler: the newest frame waits, the one before it is dropped.
    lane.attach(() => undefined)
    const source = createFfmpegSource({
      ...{ cameraId: id, input: { type: 'file', path: clip.file, loop: true }, fit: 'letterbox', clock },
    })
    const { sourceSize } = await source.open(lane, over.signal)
    lane.beginStream(sourceSize)
    return { lane, source }
  }),
)
const captured = (): number => lanes.reduce((sum, { lane }) => sum + lane.stats.counts.captured, 0)
await wait(warmSeconds * 1000)
const rounds: { share: number; perSecond: number }[] = []
for (let look = 0; look < looks; look++) {
  const [began, before, frames] = [performance.now(), await cpuSecondsOf(process.pid), captured()]
  await wait(seconds * 1000)
  const elapsed = (performance.now() - began) / 1000
  const { mainThread } = await cpuSecondsOf(process.pid)
  rounds.push({ share: (mainThread - before.mainThread) / elapsed, perSecond: (captured() - frames) / elapsed })
}
over.abort()
await Promise.all(lanes.map(({ source }) => source.released()))
console.log(
  JSON.stringify({
    mainThread: median(rounds.map(({ share }) => share)),
    picturesPerSecond: median(rounds.map(({ perSecond }) => perSecond)),
  }),
)

import { availableParallelism } from 'node:os'
import { lookAt, previewOf } from './attach-page.ts'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { ratiosByTurns } from './by-turns.ts'
import { median } from './figures.ts'
import { watch } from './watch.ts'

const pairs = 11
const cameraCount = 4
/** Twice as often as previews are made. */
const askEveryMs = 250

/**
 * What it costs that somebody looks at all cameras: processor time a frame while nobody asks for previews ÷ while each camera's is asked for
 * four times a second. The median of interleaved pairs within one daemon: four lossless cameras, small network.
 */
export const preview: Benchmark = async (workshop, { seconds, tell }) => {
  const models = [await workshop.network('small')]
  const cameras = clipCameras(cameraCount, await workshop.clip(), 'lossless')
  return withDaemon(workshop, { models, cameras }, async ({ daemon, stop }) => {
    const cores = availableParallelism()
    const alone = async (): Promise<number> => (await watch(daemon, cores, seconds / 2)).cpuSecondsPerFrame
    // Before its first frame was inspected a camera has no preview.
    const { cameras: known } = await daemon.until(
      'a frame of every camera',
      (state) => state.cameras.length === cameraCount && state.cameras.every(({ frames }) => frames.inspected > 0),
    )
    let frames = 0
    const lookedAt = async (): Promise<number> => {
      const over = new AbortController()
      const lookers = known.map(({ id }) => lookAt(previewOf(daemon, id), askEveryMs, over.signal))
      const spent = await alone()
      over.abort()
      for (const seen of await Promise.all(lookers)) frames += seen
      return spent
    }
    const ratios = await ratiosByTurns(pairs, alone, lookedAt)
    await stop()
    if (frames === 0) throw new Error('No preview was shown')
    const previewsPerSecond = frames / (pairs * (seconds / 2))
    tell(`${previewsPerSecond.toFixed(1)} previews a second; ${ratios.map((ratio) => ratio.toFixed(3)).join(', ')}`)
    return { preview: { cost: median(ratios), previewsPerSecond } }
  })
}

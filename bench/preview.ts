import { availableParallelism } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
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
    const cpu = async (): Promise<number> => (await watch(daemon, cores, seconds / 2)).cpuSecondsPerFrame
    // Before its first frame was inspected a camera has no preview.
    const { cameras: known } = await daemon.until(
      'a frame of every camera',
      (state) => state.cameras.length === cameraCount && state.cameras.every(({ frames }) => frames.inspected > 0),
    )
    const ratios: number[] = []
    let frames = 0
    for (let pair = 0; pair < pairs; pair++) {
      const alone = await cpu()
      const over = new AbortController()
      const lookers = known.map(({ id }) => lookAt(`${daemon.url()}/api/cameras/${id}/preview.jpg`, over.signal))
      ratios.push(alone / (await cpu()))
      over.abort()
      for (const seen of await Promise.all(lookers)) frames += seen
    }
    await stop()
    if (frames === 0) throw new Error('No preview was shown')
    const previewsPerSecond = frames / (pairs * (seconds / 2))
    tell(`${previewsPerSecond.toFixed(1)} previews a second; ${ratios.map((ratio) => ratio.toFixed(3)).join(', ')}`)
    return { preview: { cost: median(ratios), previewsPerSecond } }
  })
}

/** Asks until `signal` aborts; how many different frames were shown. */
async function lookAt(url: string, signal: AbortSignal): Promise<number> {
  const frames = new Set<string | null>()
  while (!signal.aborted) {
    const answer = await fetch(url)
    await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`)
    frames.add(answer.headers.get('x-frame'))
    await wait(askEveryMs)
  }
  return frames.size
}

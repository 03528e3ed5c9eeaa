import { availableParallelism } from 'node:os'
import { attachPage } from './attach-page.ts'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { ratiosByTurns } from './by-turns.ts'
import { median } from './figures.ts'
import { watch } from './watch.ts'

const pairs = 11
const cameraCount = 4

/**
 * What one attached page costs: processor time a frame with none ÷ with one, which is throughput with one ÷ with none where all cores are
 * busy. The page takes every message of the feed and asks for the preview of each camera, as it does where all are on the screen. The
 * median of interleaved pairs within one daemon: four lossless cameras, small network.
 */
export const feed: Benchmark = async (workshop, { seconds, tell }) => {
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
    let messages = 0
    const attached = async (): Promise<number> => {
      const page = await attachPage(
        daemon,
        known.map(({ id }) => id),
      )
      const spent = await alone()
      messages += await page.close()
      return spent
    }
    const ratios = await ratiosByTurns(pairs, alone, attached)
    await stop()
    if (messages === 0) throw new Error('The feed has said nothing')
    tell(`${messages} messages; ${ratios.map((ratio) => ratio.toFixed(3)).join(', ')}`)
    return { feed: { cost: median(ratios), messagesPerSecond: messages / (pairs * (seconds / 2)) } }
  })
}

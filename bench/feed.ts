import { availableParallelism } from 'node:os'
import { attachPage } from './attach-page.ts'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { median } from './figures.ts'
import { watch } from './watch.ts'

const pairs = 11

/**
 * What one attached page costs: processor time a frame with none ÷ with one, which is throughput with one ÷ with none where all cores are
 * busy. The median of interleaved pairs within one daemon: four lossless cameras, small network.
 */
export const feed: Benchmark = async (workshop, { seconds, tell }) => {
  const models = [await workshop.network('small')]
  const cameras = clipCameras(4, await workshop.clip(), 'lossless')
  return withDaemon(workshop, { models, cameras }, async ({ daemon, stop }) => {
    const cores = availableParallelism()
    const cpu = async (): Promise<number> => (await watch(daemon, cores, seconds / 2)).cpuSecondsPerFrame
    const ratios: number[] = []
    let messages = 0
    for (let pair = 0; pair < pairs; pair++) {
      const alone = await cpu()
      const page = await attachPage(daemon)
      ratios.push(alone / (await cpu()))
      messages += await page.close()
    }
    await stop()
    if (messages === 0) throw new Error('The feed has said nothing')
    tell(`${messages} messages; ${ratios.map((ratio) => ratio.toFixed(3)).join(', ')}`)
    return { feed: { cost: median(ratios), messagesPerSecond: messages / (pairs * (seconds / 2)) } }
  })
}

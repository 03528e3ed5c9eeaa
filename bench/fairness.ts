import { availableParallelism } from 'node:os'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { watchWork } from './watch.ts'

/** The smallest ÷ the largest number of inspected frames among eight equal cameras of ten frames a second, with the large network. */
export const fairness: Benchmark = async (workshop, { seconds, tell }) => {
  const models = [await workshop.network('large')]
  const cameras = clipCameras(8, await workshop.clip(10), { fps: 'all' })
  return withDaemon(workshop, { models, cameras }, async ({ daemon, stop }) => {
    // Long enough for one frame more or less not to count.
    const { inspected, framesPerSecond } = await watchWork(daemon, availableParallelism(), 3 * seconds)
    await stop()
    tell(`inspected ${inspected.join(', ')}`)
    return { fairness: { ratio: Math.min(...inspected) / Math.max(...inspected), inspected, framesPerSecond } }
  })
}

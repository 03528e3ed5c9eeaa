import { availableParallelism } from 'node:os'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { medianOf } from './figures.ts'
import { watchWork } from './watch.ts'

/**
 * The smallest ÷ the largest number of inspected frames among eight equal cameras of ten frames a second, with the large network. The median of
 * looks at one daemon.
 */
export const fairness: Benchmark = async (workshop, { repeats, seconds, tell }) => {
  const models = [await workshop.network('large')]
  const cameras = clipCameras(8, await workshop.clip(10), { fps: 'all' })
  return withDaemon(workshop, { models, cameras }, async ({ daemon, stop }) => {
    const looks: { ratio: number; inspected: readonly number[]; framesPerSecond: number }[] = []
    for (let round = 0; round < repeats; round++) {
      // Long enough for one frame more or less not to count.
      const { inspected, framesPerSecond } = await watchWork(daemon, availableParallelism(), 3 * seconds)
      tell(`inspected ${inspected.join(', ')}`)
      looks.push({ ratio: Math.min(...inspected) / Math.max(...inspected), inspected, framesPerSecond })
    }
    await stop()
    return {
      fairness: {
        ratio: medianOf(looks, ({ ratio }) => ratio),
        framesPerSecond: medianOf(looks, (look) => look.framesPerSecond),
        inspected: looks.map(({ inspected }) => inspected),
      },
    }
  })
}

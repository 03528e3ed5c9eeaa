import { availableParallelism } from 'node:os'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { median, medianOf } from './figures.ts'
import { measureModels } from './model-alone.ts'
import type { NetworkName } from './networks.ts'
import { watch } from './watch.ts'

const cameras = 4

/**
 * From a frame's last byte to its row's hand-over, 95th percentile, policy `latest`: the worst of four cameras.
 *
 * `live.ratio`: four cameras at 30 frames a second and the small network, ÷ the network's own time. `overload` and `idle`: the large network, at
 * 4 times and at a quarter of the frames that its threads could do.
 */
export const latency: Benchmark = async (workshop, { repeats, seconds, tell }) => {
  const cores = availableParallelism()
  const clip = await workshop.clip()

  const modelMs = async (name: NetworkName): Promise<number> =>
    1000 * (await measureModels([await workshop.network(name)], clip, cores)).cpuSecondsPerFrame
  const p95Ms = async (name: NetworkName, fps: number | 'all'): Promise<number> => {
    const models = [await workshop.network(name)]
    return withDaemon(workshop, { models, cameras: clipCameras(cameras, clip, { fps }) }, async ({ daemon, stop }) => {
      const watched = await watch(daemon, cores, 2 * seconds)
      await stop()
      tell(
        `${name}, ${fps} frames/s a camera: ${watched.framesPerSecond.toFixed(1)} inspected, p95 ${watched.p95Ms.join(', ')} ms`,
      )
      return Math.max(...watched.p95Ms)
    })
  }

  const rounds = []
  for (let round = 0; round < repeats; round++) {
    const [small, large] = [await modelMs('small'), await modelMs('large')]
    const capacity = (1000 * cores) / large
    rounds.push({
      small,
      live: await p95Ms('small', 'all'),
      overload: await p95Ms('large', Math.min(clip.rate, (4 * capacity) / cameras)),
      idle: await p95Ms('large', capacity / 4 / cameras),
      overloadOf: Math.min(clip.rate, (4 * capacity) / cameras) / (capacity / cameras),
    })
  }
  return {
    live: {
      ratio: median(rounds.map(({ live, small }) => live / small)),
      p95Ms: medianOf(rounds, ({ live }) => live),
      modelMs: medianOf(rounds, ({ small }) => small),
    },
    overload: {
      ratio: median(rounds.map(({ overload, idle }) => overload / idle)),
      p95Ms: medianOf(rounds, ({ overload }) => overload),
      timesCapacity: medianOf(rounds, ({ overloadOf }) => overloadOf),
    },
    idle: { p95Ms: medianOf(rounds, ({ idle }) => idle) },
  }
}

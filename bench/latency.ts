import { availableParallelism } from 'node:os'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { median, medianOf } from './figures.ts'
import { measureModels } from './model-alone.ts'
import type { NetworkName } from './networks.ts'
import { overload } from './overload.ts'
import { watchLatencies } from './watch.ts'

const cameras = 4

/**
 * From a frame's last byte to its row's hand-over, 95th percentile of 512 frames, policy `latest`: the worst of four cameras (of more where four cannot send 4 times the capacity).
 *
 * `live.ratio`: four cameras at 30 frames a second and the small network, ÷ the network's own time. `overload` and `idle`: the large network, at
 * 4 times and at a quarter of the frames that its threads could do; the quarter from one camera, since the pictures of recordings that were started
 * together would wait for one another. `cores`: those that nothing else
 * took meanwhile; fewer than there are, and the latency is the others' too.
 */
export const latency: Benchmark = async (workshop, { repeats, tell }) => {
  const cores = availableParallelism()
  const clip = await workshop.clip()

  const modelMs = async (name: NetworkName): Promise<number> =>
    1000 * (await measureModels([await workshop.network(name)], clip, cores)).cpuSecondsPerFrame
  const measure = async (
    name: NetworkName,
    fps: number | 'all',
    count = cameras,
  ): Promise<{ p95Ms: number; cores: number }> => {
    const models = [await workshop.network(name)]
    return withDaemon(workshop, { models, cameras: clipCameras(count, clip, { fps }) }, async ({ daemon, stop }) => {
      const watched = await watchLatencies(daemon, cores)
      await stop()
      tell(
        `${name}, ${fps} frames/s a camera: ${watched.framesPerSecond.toFixed(1)} inspected on ${watched.cores.toFixed(2)} cores, p95 ${watched.p95Ms.join(', ')} ms`,
      )
      return { p95Ms: Math.max(...watched.p95Ms), cores: watched.cores }
    })
  }

  const rounds = []
  for (let round = 0; round < repeats; round++) {
    const [small, large] = [await modelMs('small'), await modelMs('large')]
    const capacity = (1000 * cores) / large
    const over = overload(capacity, clip.rate, cameras)
    rounds.push({
      small,
      live: await measure('small', 'all'),
      overload: await measure('large', over.fps, over.cameras),
      idle: await measure('large', capacity / 4, 1),
      overloadOf: (over.fps * over.cameras) / capacity,
    })
  }
  return {
    live: {
      ratio: median(rounds.map(({ live, small }) => live.p95Ms / small)),
      p95Ms: medianOf(rounds, ({ live }) => live.p95Ms),
      modelMs: medianOf(rounds, ({ small }) => small),
      cores: medianOf(rounds, ({ live }) => live.cores),
    },
    overload: {
      ratio: median(rounds.map(({ overload, idle }) => overload.p95Ms / idle.p95Ms)),
      p95Ms: medianOf(rounds, ({ overload }) => overload.p95Ms),
      timesCapacity: medianOf(rounds, ({ overloadOf }) => overloadOf),
    },
    idle: { p95Ms: medianOf(rounds, ({ idle }) => idle.p95Ms) },
  }
}

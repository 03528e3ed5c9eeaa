import { availableParallelism } from 'node:os'
import { clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark } from './benchmark.ts'
import { median } from './figures.ts'
import { watchWork } from './watch.ts'

/** Processor seconds a frame with 16 cameras ÷ with 1: the small network, lossless, one right after the other. */
export const scale: Benchmark = async (workshop, { repeats, seconds, tell }) => {
  const models = [await workshop.network('small')]
  const clip = await workshop.clip()
  const cpuMs = (count: number): Promise<number> =>
    withDaemon(workshop, { models, cameras: clipCameras(count, clip, 'lossless') }, async ({ daemon, stop }) => {
      const { cpuSecondsPerFrame } = await watchWork(daemon, availableParallelism(), 2 * seconds)
      await stop()
      tell(`${count} cameras: ${(1000 * cpuSecondsPerFrame).toFixed(2)} ms of processor time a frame`)
      return 1000 * cpuSecondsPerFrame
    })
  const ones: number[] = []
  const sixteens: number[] = []
  for (let round = 0; round < repeats; round++) {
    ones.push(await cpuMs(1))
    sixteens.push(await cpuMs(16))
  }
  return {
    scale: {
      ratio: median(sixteens.map((ms, round) => ms / (ones[round] ?? NaN))),
      cpuMsPerFrame: { 1: median(ones), 16: median(sixteens) },
    },
  }
}

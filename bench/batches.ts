import { InferenceSession, Tensor } from 'onnxruntime-node'
import { sessionOptions } from '../src/workers/inference/session-options.ts'
import type { Benchmark } from './benchmark.ts'
import { median } from './figures.ts'
import { type NetworkName, writeNetwork } from './networks.ts'

const sizes = [1, 2, 4, 8]
const networks: readonly NetworkName[] = ['small', 'large']
const measuredMs = 2000

/** What a picture costs a thread, in milliseconds of processor time, when so many are given to the network at a time; interleaved, one thread. */
export const batches: Benchmark = async ({ folder }, { repeats, tell }) => {
  const figures: Record<string, Record<string, number>> = {}
  for (const name of networks) {
    const measured = new Map<number, number[]>(sizes.map((size) => [size, []]))
    for (let round = 0; round < repeats; round++) {
      for (const size of sizes) measured.get(size)?.push(await msPerPicture(folder, name, size))
    }
    figures[name] = Object.fromEntries([...measured].map(([size, all]) => [size, median(all)]))
    tell(`${name}: ${JSON.stringify(figures[name])} ms a picture`)
  }
  return { batches: { msPerPicture: figures } }
}

async function msPerPicture(folder: string, name: NetworkName, size: number): Promise<number> {
  const { file, side } = await writeNetwork(folder, name, size)
  const session = await InferenceSession.create(file, sessionOptions)
  const dims = [size, 3, side, side]
  const pixels = Float32Array.from({ length: size * 3 * side * side }, (_, index) => (index % 251) / 251)
  const feeds = { images: new Tensor('float32', pixels, dims) }
  await session.run(feeds)
  const before = process.cpuUsage()
  const began = performance.now()
  let pictures = 0
  for (; performance.now() - began < measuredMs; pictures += size) await session.run(feeds)
  const { user, system } = process.cpuUsage(before)
  await session.release()
  return (user + system) / 1000 / pictures
}

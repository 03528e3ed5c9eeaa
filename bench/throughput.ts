import { availableParallelism } from 'node:os'
import { attachPage } from './attach-page.ts'
import { type BenchDaemon, clipCameras, withDaemon } from './bench-daemon.ts'
import type { Benchmark, BenchOptions } from './benchmark.ts'
import { measureFfmpeg, type PixelFormat, pixelFormats } from './ffmpeg-alone.ts'
import { type Cost, median, medianCost, medianOf } from './figures.ts'
import { measureModels } from './model-alone.ts'
import type { NetworkName } from './networks.ts'
import { type Watched, watchWork } from './watch.ts'
import type { Workshop } from './workshop.ts'

interface Setting {
  readonly network: NetworkName
  readonly cameras: number
}

const settings: Readonly<Record<string, Setting>> = {
  large: { network: 'large', cameras: 4 },
  small: { network: 'small', cameras: 4 },
  single: { network: 'large', cameras: 1 },
}

/** One round: everything once, one after the other, on the same machine in the same minute. */
interface Round {
  readonly ffmpeg: Readonly<Record<PixelFormat, Cost>>
  readonly model: Cost
  readonly daemon: Watched
}

/**
 * Frames a second through the whole daemon, lossless and with a page attached, beside what the machine could do: cores ÷ the processor time that ffmpeg and the
 * model take for a frame, each measured alone; ffmpeg in its cheapest pixel format.
 *
 * `ratio` is the daemon's share of that ceiling, where the cores are those that nothing else took meanwhile: on a machine that does nothing
 * else, all. `ratioOfAllCores` is the same without that allowance.
 */
export const throughput: Benchmark = async (workshop, options) => {
  const figures: Record<string, object> = {}
  for (const [name, setting] of Object.entries(settings)) {
    const rounds: Round[] = []
    for (let round = 1; round <= options.repeats; round++) {
      const tell = (line: string): void => options.tell(`${name}, round ${round} of ${options.repeats}: ${line}`)
      rounds.push(await measure(workshop, setting, { ...options, tell }))
    }
    figures[name] = { ...setting, ...summary(rounds) }
  }
  return { throughput: figures }
}

async function measure(workshop: Workshop, setting: Setting, { seconds, tell }: BenchOptions): Promise<Round> {
  const cores = availableParallelism()
  const clip = await workshop.clip()
  const network = await workshop.network(setting.network)
  const size = { width: network.side, height: network.side }
  const costs: Partial<Record<PixelFormat, Cost>> = {}
  for (const format of pixelFormats) {
    costs[format] = await measureFfmpeg(clip, size, format)
    tell(`ffmpeg alone, ${format}: ${inWords(costs[format])}`)
  }
  const model = await measureModels([network], clip, cores)
  tell(`${network.gigaflop.toFixed(2)} GFLOP alone in ${cores} threads: ${inWords(model)}`)
  const cameras = clipCameras(setting.cameras, clip, 'lossless')
  const run = async ({ daemon, stop }: BenchDaemon): Promise<Watched> => {
    const page = await attachPage(daemon)
    const watched = await watchWork(daemon, cores, seconds)
    await page.close()
    await stop()
    return watched
  }
  const daemon = await withDaemon(workshop, { models: [network], cameras }, run)
  const round: Round = { ffmpeg: costs as Record<PixelFormat, Cost>, model, daemon }
  tell(`daemon: ${inWords(daemon)} on ${daemon.cores.toFixed(2)} cores: ${ratioOf(round).toFixed(3)} of the ceiling`)
  return round
}

/** Processor seconds a frame of ffmpeg and the model. */
const ceilingCpu = ({ ffmpeg, model }: Round): number =>
  Math.min(...pixelFormats.map((format) => ffmpeg[format].cpuSecondsPerFrame)) + model.cpuSecondsPerFrame

const ratioOf = (round: Round, cores = round.daemon.cores): number =>
  round.daemon.framesPerSecond / (cores / ceilingCpu(round))

function summary(rounds: readonly Round[]): object {
  const cores = availableParallelism()
  const ratios = rounds.map((each) => ratioOf(each))
  const part = (of: keyof Watched['cpuSecondsPerFrameOf']) =>
    1000 * medianOf(rounds, ({ daemon }) => daemon.cpuSecondsPerFrameOf[of])
  const alone = (format: PixelFormat) => 1000 * medianCost(rounds.map((each) => each.ffmpeg[format])).cpuSecondsPerFrame
  return {
    ratio: median(ratios),
    ratios,
    ratioOfAllCores: medianOf(rounds, (each) => ratioOf(each, cores)),
    framesPerSecond: medianOf(rounds, ({ daemon }) => daemon.framesPerSecond),
    cores: medianOf(rounds, ({ daemon }) => daemon.cores),
    cpuMsPerFrame: {
      all: 1000 * medianOf(rounds, ({ daemon }) => daemon.cpuSecondsPerFrame),
      mainThread: part('mainThread'),
      otherThreads: part('otherThreads'),
      ffmpeg: part('children'),
    },
    ceiling: {
      cpuMsPerFrame: 1000 * medianOf(rounds, ceilingCpu),
      modelMs: 1000 * medianCost(rounds.map((each) => each.model)).cpuSecondsPerFrame,
      ffmpegMs: Object.fromEntries(pixelFormats.map((format) => [format, alone(format)])),
    },
  }
}

const inWords = ({ framesPerSecond, cpuSecondsPerFrame }: Cost): string =>
  `${framesPerSecond.toFixed(1)} frames/s, ${(cpuSecondsPerFrame * 1000).toFixed(2)} ms of processor time a frame`

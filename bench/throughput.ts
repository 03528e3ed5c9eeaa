import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PictureSize } from '../src/domain/frame.ts'
import type { BenchOptions } from './benchmark.ts'
import { type Clip, makeClip } from './clip.ts'
import { runDaemon } from './daemon-run.ts'
import { measureFfmpeg, type PixelFormat, pixelFormats } from './ffmpeg-alone.ts'
import { type Cost, median, medianCost, medianOf } from './figures.ts'
import { type BenchModel, inputOf, measureModels } from './model-alone.ts'
import type { Pace } from './progress.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const models: readonly BenchModel[] = [
  { name: 'particles', kind: 'detect', file: join(root, 'models/belt-particles.onnx') },
  { name: 'belt-state', kind: 'classify', file: join(root, 'models/belt-state.onnx') },
]

/** One round: everything once, one after the other, on the same machine in the same minute. */
interface Round {
  readonly ffmpeg: Readonly<Record<PixelFormat, Cost>>
  readonly model: Cost
  readonly daemon: Pace
}

/**
 * Frames a second through the whole daemon, lossless, beside what the machine could do: cores ÷ the processor time that ffmpeg and the models
 * take for a frame, each measured alone; ffmpeg in its cheapest pixel format.
 *
 * `ratio` is the daemon's share of that ceiling, the median of the rounds' own. `cpuRatio` is the same in processor time (ceiling's ÷
 * daemon's), which other programs on the machine disturb less.
 */
export async function throughput(options: BenchOptions): Promise<object> {
  const { folder, repeats, frames, cameras, tell } = options
  const cores = availableParallelism()
  tell('building the daemon')
  execFileSync('npm', ['run', '--silent', 'build:daemon'], { cwd: root, stdio: ['ignore', 2, 2] })
  tell(`recording ${frames} frames`)
  const clip = await makeClip(join(folder, 'belt.mp4'), frames)
  const picture = await largestInput()

  const rounds: Round[] = []
  for (let round = 1; round <= repeats; round++) {
    rounds.push(await measure(clip, picture, options, cores, (line) => tell(`round ${round} of ${repeats}: ${line}`)))
  }

  const ffmpeg = {
    rgb24: medianCost(rounds.map((each) => each.ffmpeg.rgb24)),
    gbrp: medianCost(rounds.map((each) => each.ffmpeg.gbrp)),
    yuv420p: medianCost(rounds.map((each) => each.ffmpeg.yuv420p)),
  }
  const ratios = rounds.map((each) => each.daemon.framesPerSecond / (cores / ceilingCpu(each)))
  return {
    of: {
      clip: { ...clip.size, rate: clip.rate, kilobitsPerSecond: clip.kilobitsPerSecond, frames },
      picture,
      cameras,
      models: models.map(({ name }) => name),
      workers: cores,
      repeats,
    },
    daemon: medianPace(rounds.map((each) => each.daemon)),
    ceiling: {
      framesPerSecond: medianOf(rounds, (each) => cores / ceilingCpu(each)),
      cpuSecondsPerFrame: medianOf(rounds, ceilingCpu),
      // What the slower of the two could do if the other took nothing.
      slowerAlone: medianOf(rounds, ({ ffmpeg: alone, model }) =>
        Math.min(model.framesPerSecond, ...Object.values(alone).map(({ framesPerSecond }) => framesPerSecond)),
      ),
      ffmpeg,
      model: { threads: cores, ...medianCost(rounds.map((each) => each.model)) },
    },
    ratio: median(ratios),
    ratios,
    cpuRatio: medianOf(rounds, (each) => ceilingCpu(each) / each.daemon.cpuSecondsPerFrame),
  }
}

async function measure(
  clip: Clip,
  picture: PictureSize,
  { folder, cameras }: BenchOptions,
  cores: number,
  tell: (line: string) => void,
): Promise<Round> {
  const costs: Partial<Record<PixelFormat, Cost>> = {}
  for (const format of pixelFormats) {
    costs[format] = await measureFfmpeg(clip, picture, format)
    tell(`ffmpeg alone, ${format}: ${inWords(costs[format])}`)
  }
  const model = await measureModels(models, clip, cores)
  tell(`models alone in ${cores} threads: ${inWords(model)}`)
  const daemon = await runDaemon({ folder, clip, models, cameras, workers: cores })
  const round: Round = { ffmpeg: costs as Record<PixelFormat, Cost>, model, daemon }
  tell(`daemon: ${inWords(daemon)}; the ceiling is ${(cores / ceilingCpu(round)).toFixed(1)} frames/s`)
  return round
}

/** Processor seconds a frame of ffmpeg and the models. */
const ceilingCpu = ({ ffmpeg, model }: Round): number =>
  Math.min(...pixelFormats.map((format) => ffmpeg[format].cpuSecondsPerFrame)) + model.cpuSecondsPerFrame

const inWords = ({ framesPerSecond, cpuSecondsPerFrame }: Cost): string =>
  `${framesPerSecond.toFixed(1)} frames/s, ${(cpuSecondsPerFrame * 1000).toFixed(2)} ms of processor time a frame`

function medianPace(paces: readonly Pace[]): object {
  const part = (of: keyof Pace['cpuSecondsPerFrameOf']) => medianOf(paces, (pace) => pace.cpuSecondsPerFrameOf[of])
  return {
    ...medianCost(paces),
    cpuSecondsPerFrameOf: {
      mainThread: part('mainThread'),
      otherThreads: part('otherThreads'),
      ffmpeg: part('children'),
    },
  }
}

/** The size that the daemon asks ffmpeg for. */
async function largestInput(): Promise<PictureSize> {
  const sizes: PictureSize[] = []
  for (const model of models) sizes.push((await inputOf(model)).size)
  return { width: Math.max(...sizes.map(({ width }) => width)), height: Math.max(...sizes.map(({ height }) => height)) }
}

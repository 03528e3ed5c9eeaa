import { resolve } from 'node:path'
import { Loose } from '../../actors/loose.ts'
import { createPiscinaRunner } from '../../adapters/inference/piscina-runner.ts'
import { systemClock } from '../../adapters/system-clock.ts'
import type { ExecutionProvider } from '../../domain/execution-provider.ts'
import type { PictureSize } from '../../domain/frame.ts'
import type { ModelToLoad } from '../../domain/model.ts'
import type { ScoreScale } from '../../domain/score-scale.ts'
import { seconds } from '../../domain/units.ts'
import type { YoloLayout } from '../../domain/yolo-layout.ts'
import { areEnded, checkModel, type ModelCheckOptions } from './check-model.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { type KindRefused, modelReport, refusalReport } from './model-report.ts'
import { type Terminal, widthOf } from '../terminal/terminal.ts'

export interface ModelFileOptions {
  /** Where the model doesn't say, or says otherwise. */
  readonly labels?: readonly string[] | undefined
  readonly input?: PictureSize | undefined
  readonly layout?: YoloLayout | 'auto'
  readonly scores?: ScoreScale | 'auto'
  readonly providers: readonly ExecutionProvider[]
  /** Of a model that reads. */
  readonly dictionary?: string | undefined
  readonly detector?: string | undefined
}

/** Of these the median is told: the first is slower than all that come after it. */
const frames = 5
/** A model that takes longer for one frame is no use beside a camera. */
const deadline = seconds(60)

/**
 * `belay check --model FILE`: what a model is, without a configuration: its kind, its input, its labels, and how long a frame takes in one thread.
 * 0: it can be used; 1: it cannot, and why.
 */
export async function checkModelFile(
  file: string,
  { labels, input, layout = 'auto', scores = 'auto', providers, dictionary, detector }: ModelFileOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const interruption = new AbortController()
  terminal.onSignal((signal) => interruption.abort(new Error(signal)))
  const run = { clock: systemClock, signal: interruption.signal }
  const options = { runner: createPiscinaRunner(), deadline, threads: new Loose(), frames }
  const reads = {
    dictionary: dictionary === undefined ? undefined : resolve(dictionary),
    detector: detector === undefined ? undefined : resolve(detector),
  }
  const spec = { name: file, file: resolve(file), labels, input, layout, scores, providers, ...reads }
  const found = await asWhatFits(spec, options, run)
  const width = widthOf(terminal, 100)
  for (const line of found.report(width)) terminal.out(`${line}\n`)
  if (!(await areEnded(options.threads, run))) {
    terminal.out('The model hangs and cannot be ended. Killing this process (exit code 137).\n')
    return exitCodes.wedged
  }
  return found.isUsable ? exitCodes.ok : exitCodes.failed
}

interface Found {
  readonly isUsable: boolean
  readonly report: (width: number) => string[]
}

/** What one kind puts out is no other's; where it is none, all reasons are told. With a dictionary it is to read, and nothing else. */
async function asWhatFits(
  unknown: Omit<ModelToLoad, 'kind'>,
  options: ModelCheckOptions,
  run: { clock: typeof systemClock; signal: AbortSignal },
): Promise<Found> {
  const refused: KindRefused[] = []
  const kinds = unknown.dictionary === undefined ? (['detect', 'classify', 'read'] as const) : (['read'] as const)
  for (const kind of kinds) {
    const spec = { ...unknown, kind }
    const { line, loaded, median, aLine, refusal } = await checkModel(spec, options, run)
    if (line.outcome === 'ok' && loaded !== undefined && median !== undefined) {
      return { isUsable: true, report: (width) => modelReport(spec, loaded, { median, frames, aLine }, width) }
    }
    refused.push({ kind, why: refusal ?? line.detail })
    if (line.outcome === 'interrupted') break
  }
  return { isUsable: false, report: (width) => refusalReport(unknown.name, refused, width) }
}

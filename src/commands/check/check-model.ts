import type { Loose } from '../../actors/loose.ts'
import { counted } from '../../domain/counted.ts'
import { letterboxGrey } from '../../domain/fitting.ts'
import { bytesPerPicture } from '../../domain/frame.ts'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import type { InferenceTask, SharedPicture } from '../../domain/inference-task.ts'
import type { LoadedModel, ModelToLoad } from '../../domain/model.ts'
import { type Milliseconds, milliseconds, seconds } from '../../domain/units.ts'
import type { ModelRunner, ModelWorker } from '../../ports/model-runner.ts'
import { CheckFailedError, type CheckLine, checkLine, type CheckRun, within } from './check-line.ts'
import { labels as namesOf, type LineTime, lineWords } from './model-report.ts'
import { inSeconds } from '../terminal/in-seconds.ts'

export interface ModelCheckOptions {
  readonly runner: ModelRunner
  /** For one frame, as the daemon allows it. */
  readonly deadline: Milliseconds
  /** Takes the threads that go on by themselves: none is ever ended while it loads or runs, since that aborts the process. */
  readonly threads: Loose
  /** How often it is run; the median is told. Once if not given. */
  readonly frames?: number
}

export interface ModelCheck {
  readonly line: CheckLine
  /** What it turned out to be, where it could be loaded. */
  readonly loaded: LoadedModel | undefined
  /** What a frame took, where it answered. */
  readonly median: Milliseconds | undefined
  /** What an empty line took of a model that finds lines and reads them: the grey frame has none. */
  readonly aLine: LineTime | undefined
  /** Why it was refused, without its name. */
  readonly refusal: string | undefined
}

const loadLimit = seconds(60)
const endLimit = seconds(5)

/** Loads the model in a thread of its own, runs it on a grey frame, and ends the thread; what reads lines that it finds, on a line as well. */
export async function checkModel(model: ModelToLoad, options: ModelCheckOptions, run: CheckRun): Promise<ModelCheck> {
  let loaded: LoadedModel | undefined
  let median: Milliseconds | undefined
  let aLine: LineTime | undefined
  let refusal: string | undefined
  const line = await checkLine(model.name, 'model', run, async () => {
    const measured = await measure(model, options, run).catch((error: unknown) => {
      if (error instanceof ModelRefusedError) refusal = error.detail
      throw error
    })
    ;({ loaded, median } = measured)
    if (loaded.reads?.detector !== undefined) {
      // Without what finds lines, the picture is one.
      const ofLine = await measure({ ...model, detector: undefined }, options, run)
      aLine = { median: ofLine.median, size: ofLine.loaded.input }
    }
    return `${describe(loaded)}, ${median.toFixed(1)} ms a frame${lineWords(aLine)}`
  })
  return { line, loaded, median, aLine, refusal }
}

async function measure(
  model: ModelToLoad,
  { runner, deadline, threads, frames = 1 }: ModelCheckOptions,
  run: CheckRun,
): Promise<{ readonly loaded: LoadedModel; readonly median: Milliseconds }> {
  const worker = await start(model, runner, threads, run)
  try {
    const loaded = worker.models.find(({ name }) => name === model.name)
    if (loaded === undefined) throw new Error(`The runner has loaded another model than ${model.name}`)
    const task = greyFrame(loaded)
    const late = () => `Model ${model.name} has not answered within ${inSeconds(deadline)} (inference.deadline)`
    const taken: Milliseconds[] = []
    while (taken.length < frames) taken.push((await within(deadline, late, run, () => worker.run(task))).elapsed)
    return { loaded, median: taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 2)] ?? milliseconds(NaN) }
  } finally {
    threads.add(worker.close())
  }
}

/** Whether every thread has ended by itself, or does soon: until then, nothing but SIGKILL ends the process without an abort. */
export async function areEnded(threads: Loose, { clock }: CheckRun): Promise<boolean> {
  const run = { clock, signal: new AbortController().signal }
  try {
    await within(
      endLimit,
      () => 'A thread goes on',
      run,
      () => threads.settled(),
    )
    return true
  } catch (error) {
    if (error instanceof CheckFailedError) return false
    throw error
  }
}

async function start(model: ModelToLoad, runner: ModelRunner, threads: Loose, run: CheckRun): Promise<ModelWorker> {
  const starting = runner.startWorker([model], new AbortController().signal)
  const late = () => `Model ${model.name} (${model.file}) was not loaded within ${inSeconds(loadLimit)}`
  try {
    return await within(loadLimit, late, run, () => starting)
  } catch (error) {
    threads.add(starting.then((worker) => worker.close()))
    throw error
  }
}

function greyFrame({ name, input, frames }: LoadedModel): InferenceTask {
  const picture: SharedPicture = { buffer: new SharedArrayBuffer(bytesPerPicture(input)), byteOffset: 0, size: input }
  new Uint8Array(picture.buffer).fill(letterboxGrey)
  return {
    picture,
    previous: frames === 2 ? picture : undefined,
    sourceSize: input,
    fit: 'stretch',
    models: [{ model: name, scoreThreshold: 0.5, iouThreshold: 0.45 }],
  }
}

function describe({
  kind,
  input,
  frames,
  labels,
  layout,
  scores,
  doubt,
  type,
  provider,
  declined,
  reads,
}: LoadedModel): string {
  const parts: string[] = [kind, `${input.width}x${input.height}`, counted(frames, 'frame'), type]
  if (provider !== 'cpu' || declined.length > 0) parts.push(`on ${provider}`)
  for (const { provider: wanted, reason } of declined) parts.push(`not on ${wanted}: ${reason}`)
  if (layout !== undefined) parts.push(`layout ${layout}`)
  if (layout === 'end-to-end') parts.push('suppressed by the model, without `iouThreshold`')
  if (scores !== undefined) parts.push(`scores taken as ${scores}`)
  if (doubt !== undefined) parts.push(`beware: ${doubt}`)
  if (reads !== undefined) {
    const { detector, finds } = reads
    const lines = detector === undefined ? 'the picture is one line' : `lines found by ${detector}`
    if (finds !== undefined && (finds.provider !== 'cpu' || finds.declined.length > 0))
      parts.push(`lines found on ${finds.provider}`)
    for (const { provider: wanted, reason } of finds?.declined ?? []) parts.push(`not on ${wanted}: ${reason}`)
    return [...parts, `${reads.characters} characters`, lines].join(', ')
  }
  return [...parts, `${labels.length === 1 ? 'label' : 'labels'} ${namesOf(labels)}`].join(', ')
}

import { InferenceError, ModelRefusedError, WorkerDiedError } from '../../src/domain/inference-errors.ts'
import type { InferenceAnswer, InferenceTask } from '../../src/domain/inference-task.ts'
import type { Finding, ModelKind } from '../../src/domain/inspection.ts'
import type { LoadedModel, ModelToLoad } from '../../src/domain/model.ts'
import { milliseconds } from '../../src/domain/units.ts'
import type { ModelThreads, ModelWorker } from '../../src/ports/model-runner.ts'
import { asUsual } from '../fakes/fake-model-runner.ts'
import { breaks, type Fault, fails, type HeldCalls, hangs } from './held-calls.ts'
import { seenIn, stateIn, type Witness } from './witness.ts'

/** A network of 8 by 8 pixels: what it costs is not what is simulated. */
const input = { width: 8, height: 8 }

const starting: readonly Fault[] = [
  fails('dies', () => new WorkerDiedError('told to, while loading')),
  hangs,
  fails('refused', ({ detail }) => new ModelRefusedError(detail, `${detail}.onnx`, 'told to')),
  breaks,
]
const running: readonly Fault[] = [
  fails('fails', ({ detail }) => new InferenceError(detail, 'told to')),
  hangs,
  fails('dies', () => new WorkerDiedError('told to')),
  breaks,
]

/** Threads of one process; every start and every run waits for the director. */
export class SimulatedModels implements ModelThreads {
  /** Threads that have not come to their end. */
  threads = 0
  /** Frames that threads have in hand. */
  runs = 0
  /** Whatever is run from now on hangs, as in a driver that only the process's end brings back. */
  hang = false
  readonly #kinds = new Map<string, ModelKind>()
  readonly #waiting = new Set<() => void>()

  constructor(
    private readonly calls: HeldCalls,
    private readonly witness: Witness,
  ) {}

  async startWorker(models: readonly ModelToLoad[], signal: AbortSignal): Promise<ModelWorker> {
    signal.throwIfAborted()
    this.threads++
    for (const { name, kind } of models) this.#kinds.set(name, kind)
    const loading = this.calls.hold({
      name: 'models.start',
      detail: models.map(({ name }) => name).join(','),
      faults: starting,
      work: () => models.map(loaded),
    })
    let giveUp = (): void => undefined
    const givenUp = new Promise<never>((_, reject) => (giveUp = () => reject(signal.reason as Error)))
    signal.addEventListener('abort', giveUp)
    try {
      // A thread that loads is never ended: given up, it ends when it has loaded.
      return new Worker(await Promise.race([loading, givenUp]), this)
    } catch (error) {
      loading.then(
        () => this.threadEnded(),
        () => this.threadEnded(),
      )
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  ended(): Promise<void> {
    return this.threads === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.add(resolve))
  }

  /** One thread has come to its end. */
  threadEnded(): void {
    this.threads--
    if (this.threads > 0) return
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  async run(task: InferenceTask): Promise<InferenceAnswer> {
    const models = task.models.map(({ model }) => model)
    this.runs++
    try {
      const answered = this.calls.hold({
        name: 'models.run',
        detail: models.join(','),
        faults: running,
        // Read again: whoever writes into a picture that a model looks at is found out by what stands in the row.
        work: () => ({
          findings: models.map((model) => {
            const kind = this.#kinds.get(model) ?? 'detect'
            return findingOf(kind, model, this.witness.serialIn(task.picture))
          }),
          elapsed: milliseconds(1),
        }),
      })
      if (this.hang) this.calls.settle(this.calls.waiting.length - 1, hangs)
      return await answered
    } finally {
      this.runs--
    }
  }
}

/** What a model of this kind finds in the picture of that number. */
export function findingOf(kind: ModelKind, model: string, serial: number): Finding {
  const box = { x: serial % 60, y: 1, width: 2, height: 3 }
  const seen = seenIn(serial).map((words, index) => ({ words, score: 0.9 - index / 10, ...box }))
  switch (kind) {
    case 'detect':
      return { kind, model, detections: seen.map(({ words: label, ...found }) => ({ label, ...found })) }
    case 'read':
      return { kind, model, lines: seen.map(({ words: text, ...found }) => ({ text, ...found })) }
    case 'classify':
      return { kind, model, scores: [{ label: stateIn(serial), score: 0.9 }] }
  }
}

class Worker implements ModelWorker {
  #task: Promise<unknown> = Promise.resolve()
  #death: WorkerDiedError | undefined
  #isClosed = false

  constructor(
    readonly models: readonly LoadedModel[],
    private readonly threads: SimulatedModels,
  ) {}

  run(task: InferenceTask): Promise<InferenceAnswer> {
    if (this.#isClosed) throw new Error('A task for a worker that was told to close')
    const answer = this.#task.then(() => {
      if (this.#death !== undefined) throw this.#death
      return this.threads.run(task)
    })
    this.#task = answer.catch((error: unknown) => {
      if (error instanceof WorkerDiedError) this.#death = error
    })
    return answer
  }

  async close(): Promise<void> {
    const isFirst = !this.#isClosed
    this.#isClosed = true
    await this.#task
    if (isFirst) this.threads.threadEnded()
  }
}

const loaded = ({ name, kind }: ModelToLoad): LoadedModel => ({
  name,
  kind,
  input,
  frames: 1,
  labels: ['thing'],
  layout: kind === 'detect' ? 'v8' : undefined,
  ...asUsual,
})

/** A thread that runs ONNX models. */
import { InferenceError, ModelRefusedError } from '../domain/inference-errors.ts'
import type { InferenceTask } from '../domain/inference-task.ts'
import type { LoadedModel, ModelToLoad } from '../domain/model.ts'
import { milliseconds } from '../domain/units.ts'
import type { InferenceReply, InferenceRequest } from './inference-protocol.ts'
import { digested } from './inference/digested.ts'
import { loadModel } from './inference/load-model.ts'
import { Preprocessor } from './inference/preprocessor.ts'
import { type AnyModel, runFrame } from './inference/run-frame.ts'
import { loadReader } from './inference/text-reader.ts'
import { warmUp } from './inference/warm-up.ts'

const models = new Map<string, AnyModel>()
/** What has been told of them. */
const loaded: LoadedModel[] = []
const preprocessor = new Preprocessor()

/** What is under way; it never rejects. */
let busy: Promise<unknown> = Promise.resolve()

/** One after the other: requests share the thread's tensors, and a model gives way once before it runs. */
export default function answer(request: InferenceRequest): Promise<InferenceReply> {
  const reply = busy.then(() => handle(request))
  busy = reply.catch(() => undefined)
  return reply
}

async function handle(request: InferenceRequest): Promise<InferenceReply> {
  switch (request.type) {
    case 'load':
      return load(request.models)
    case 'run':
      return run(request)
  }
}

async function load(specs: readonly ModelToLoad[]): Promise<InferenceReply> {
  try {
    for (const spec of specs) {
      const load = (): Promise<AnyModel> => (spec.kind === 'read' ? loadReader(spec) : loadModel(spec))
      const { result, digest } = await digested(spec, load)
      models.set(spec.name, result)
      loaded.push({ ...result.facts, digest })
    }
    // When all are loaded: a camera's picture may be as large as the input of another of its models.
    for (const spec of specs) {
      const model = models.get(spec.name)
      if (model !== undefined && 'readLines' in model) await warmUp(model, spec, loaded)
    }
  } catch (error) {
    if (!(error instanceof ModelRefusedError)) throw error
    return { type: 'refused', model: error.model, file: error.file, detail: error.detail }
  }
  return { type: 'loaded', models: loaded }
}

async function run(frame: InferenceTask): Promise<InferenceReply> {
  const startedAt = performance.now()
  try {
    const findings = await runFrame(frame, models, preprocessor)
    return { type: 'answered', findings, elapsed: milliseconds(performance.now() - startedAt) }
  } catch (error) {
    if (!(error instanceof InferenceError)) throw error
    return { type: 'failed', model: error.model, detail: error.detail }
  }
}

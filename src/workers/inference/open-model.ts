import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { ModelToLoad } from '../../domain/model.ts'
import { externalFilesOf } from './external-files.ts'
import { createSession, type ModelSession } from './create-session.ts'
import { anyThresholds, createSuppression, makeEndToEnd, type Thresholds, thresholdInputs } from './end-to-end.ts'
import { emptyInput } from './input-tensor.ts'
import type { ModelOutline } from './look-at-model.ts'
import { messageOf } from '../../domain/message-of.ts'
import type { ModelInput } from './model-input.ts'
import type { RawOutput } from './model-output.ts'
import { opsetOf } from './onnx-file.ts'
import { detections, leastOpset, type RawHead } from './suppression.ts'
import { takeBytes } from './take-bytes.ts'
import { createToFloats } from './to-floats.ts'

export interface OpenModel extends Omit<ModelSession, 'session'> {
  readonly input: ModelInput
  /** Its output in floats; end-to-end where there is a head. @throws {Error} what ONNX Runtime says. */
  readonly run: (images: Tensor, by: Thresholds) => Promise<RawOutput>
  /** Why something that belongs into it runs beside it, which is slower; for people. */
  readonly beside: string | undefined
}

interface Changed {
  readonly model: string | Uint8Array
  readonly input: ModelInput
  readonly isEndToEnd: boolean
  readonly beside?: string
}

/**
 * Opens a model with bytes for its input and, where it has a head that wants suppression, with that in it, which is faster; as it is, and with
 * suppression behind it, where it cannot be changed.
 *
 * @throws {Error} what ONNX Runtime says.
 */
export async function openModel(spec: ModelToLoad, seen: ModelOutline, head?: RawHead): Promise<OpenModel> {
  try {
    return await start(spec, seen, head, await changed(spec.file, seen.input, head))
  } catch (error) {
    // Weights in files beside it, more than 2 GB, an operator that is missing: as it is, it runs as well or says why not.
    const beside = `it cannot be changed: ${messageOf(error)}`
    return start(spec, seen, head, { model: spec.file, input: seen.input, isEndToEnd: false, beside })
  }
}

async function changed(file: string, stated: ModelInput, head: RawHead | undefined): Promise<Changed> {
  const [beside] = externalFilesOf(file)
  // ONNX Runtime would look for them in the folder that this process is in, and take what has their name there.
  if (beside !== undefined) throw new Error(`it has weights in a file beside it (${basename(beside)})`)
  const asItIs = await readFile(file)
  const { model, input } = stated.type === 'uint8' ? { model: asItIs, input: stated } : takeBytes(asItIs, stated)
  if (head === undefined) return { model, input, isEndToEnd: false }
  const opset = opsetOf(model)
  if (opset < leastOpset) {
    const beside = `suppression wants version ${leastOpset} of ONNX's operators, and it has ${opset}; export it with a newer one`
    return { model, input, isEndToEnd: false, beside }
  }
  return { model: makeEndToEnd(model, head), input, isEndToEnd: true }
}

async function start(
  { providers = [] }: ModelToLoad,
  { output }: ModelOutline,
  head: RawHead | undefined,
  { model, input, isEndToEnd, beside }: Changed,
): Promise<OpenModel> {
  const name = isEndToEnd ? detections.name : output.name
  const runIn = async (session: InferenceSession, images: Tensor, by: Thresholds) => {
    const feeds = { [input.name]: images, ...(isEndToEnd && thresholdInputs(by)) }
    // Only this output is asked for: others, such as the raw heads of old exports, are not even copied.
    return (await session.run(feeds, [name]))[name]
  }
  const { session, provider, declined } = await createSession(model, providers, (session) =>
    runIn(session, emptyInput(input), anyThresholds),
  )
  const finish = isEndToEnd ? undefined : await finishing(output, head)
  const run = async (images: Tensor, by: Thresholds): Promise<RawOutput> => {
    const raw = await runIn(session, images, by)
    const answer = raw === undefined || finish === undefined ? raw : await finish(raw, by)
    if (answer === undefined || !(answer.data instanceof Float32Array)) throw new Error(`no output ${name}`)
    return { data: answer.data, dims: answer.dims }
  }
  return { input, run, provider, declined, beside }
}

/** What is done with an output behind the model. */
async function finishing({ type, dims }: ModelOutline['output'], head: RawHead | undefined) {
  if (head !== undefined) return createSuppression(head)
  return type === 'float16' ? createToFloats(dims.length) : undefined
}

import { readFile } from 'node:fs/promises'
import { InferenceSession, type Tensor } from 'onnxruntime-node'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import type { ModelFacts, ModelToLoad } from '../inference-protocol.ts'
import { createSession, type ModelSession } from './create-session.ts'
import { emptyInput } from './input-tensor.ts'
import { parseLabelNames } from './label-names.ts'
import { type ModelInput, readModelInput } from './model-input.ts'
import { readMetadata } from './model-metadata.ts'
import { chooseReader, type OutputReader, type RawOutput } from './model-output.ts'
import { sessionOptions } from './session-options.ts'
import { takeBytes } from './take-bytes.ts'
import { createToFloats } from './to-floats.ts'

/** A model ready to run. */
export interface ReadyModel {
  readonly facts: ModelFacts
  readonly input: ModelInput
  readonly reader: OutputReader
  /** @throws {Error} what ONNX Runtime says. */
  run(images: Tensor): Promise<RawOutput>
}

/**
 * Reads a model, finds out what it takes and gives, and runs it once on an empty picture.
 *
 * @throws {ModelRefusedError} it cannot be read, run, or doesn't fit.
 */
export async function loadModel(spec: ModelToLoad): Promise<ReadyModel> {
  const refused = (detail: string, cause?: unknown): ModelRefusedError =>
    new ModelRefusedError(spec.name, spec.file, detail, { cause })
  const unreadable = (error: unknown): never => {
    throw refused(`it cannot be read: ${messageOf(error)}`, error)
  }
  // Only looked at: what is optimised is the session that runs.
  const seen = await InferenceSession.create(spec.file, {
    ...sessionOptions,
    graphOptimizationLevel: 'disabled',
  }).catch(unreadable)
  const metadata = readMetadata(spec.file)
  const stated = readModelInput(seen, metadata)
  const [output] = seen.outputMetadata
  await seen.release()
  if (typeof stated === 'string') throw refused(stated)
  if (output === undefined || !output.isTensor) throw refused('its first output is not a tensor')
  if (output.type !== 'float32' && output.type !== 'float16') {
    throw refused(`its output ${output.name} is ${output.type}; export it with float32 or float16 output`)
  }
  const toFloats = output.type === 'float16' ? await createToFloats(output.shape.length) : undefined

  const { session, provider, declined, input } = await open(spec, stated).catch(unreadable)

  const run = async (images: Tensor): Promise<RawOutput> => {
    // Only the first output is asked for: others, such as the raw heads of old exports, are not even computed.
    const raw = (await session.run({ [input.name]: images }, [output.name]))[output.name]
    const answer = raw === undefined || toFloats === undefined ? raw : await toFloats(raw)
    if (answer === undefined || !(answer.data instanceof Float32Array)) throw new Error(`no output ${output.name}`)
    return { data: answer.data, dims: answer.dims }
  }

  const { width, height } = input.size
  const sample = await run(emptyInput(input)).catch((error: unknown) => {
    throw refused(`it fails on an empty picture of ${width}x${height}: ${messageOf(error)}`, error)
  })
  const names = metadata.get('names')
  const reader = chooseReader(spec, sample, names === undefined ? undefined : parseLabelNames(names))
  if (typeof reader === 'string') throw refused(reader)
  const { labels } = reader
  const layout = reader.kind === 'detect' ? reader.layout : undefined
  const { name, kind } = spec
  const { size, frames, type } = stated
  const facts = { name, kind, input: size, frames, type, labels, layout, provider, declined }
  return { facts, input, reader, run }
}

/** The model with bytes for its input, which is faster; as it is where it takes bytes anyhow or cannot be changed. */
async function open(spec: ModelToLoad, input: ModelInput): Promise<ModelSession & { readonly input: ModelInput }> {
  const { file, providers = [] } = spec
  if (input.type !== 'uint8') {
    try {
      const changed = takeBytes(await readFile(file), input)
      return { ...(await createSession(changed.model, providers)), input: changed.input }
    } catch {
      // Weights in files beside it, more than 2 GB, an operator that is missing: as it is, it runs as well or says why not.
    }
  }
  return { ...(await createSession(file, providers)), input }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

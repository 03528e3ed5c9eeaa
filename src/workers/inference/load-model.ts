import { InferenceSession, Tensor } from 'onnxruntime-node'
import { bytesPerPixel } from '../../domain/frame.ts'
import { ModelRefusedError } from '../../domain/inference-errors.ts'
import type { ModelFacts, ModelToLoad } from '../inference-protocol.ts'
import { parseLabelNames } from './label-names.ts'
import { readModelInput } from './model-input.ts'
import { readMetadata } from './model-metadata.ts'
import { chooseReader, type OutputReader, type RawOutput } from './model-output.ts'
import { sessionOptions } from './session-options.ts'

/** A model ready to run. */
export interface ReadyModel {
  readonly facts: ModelFacts
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
  const session = await InferenceSession.create(spec.file, sessionOptions).catch((error: unknown) => {
    throw refused(`it cannot be read: ${messageOf(error)}`, error)
  })
  const metadata = readMetadata(spec.file)
  const input = readModelInput(session, metadata)
  if (typeof input === 'string') throw refused(input)
  const [output] = session.outputMetadata
  if (output === undefined || !output.isTensor) throw refused('its first output is not a tensor')
  if (output.type !== 'float32') {
    throw refused(`its output ${output.name} is ${output.type}; export it with float32 output`)
  }

  const run = async (images: Tensor): Promise<RawOutput> => {
    // Only the first output is asked for: others, such as the raw heads of old exports, are not even computed.
    const answer = (await session.run({ [input.name]: images }, [output.name]))[output.name]
    if (answer === undefined || !(answer.data instanceof Float32Array)) throw new Error(`no output ${output.name}`)
    return { data: answer.data, dims: answer.dims }
  }

  const channels = bytesPerPixel * input.frames
  const { width, height } = input.size
  const empty = new Tensor('float32', new Float32Array(channels * height * width), [1, channels, height, width])
  const sample = await run(empty).catch((error: unknown) => {
    throw refused(`it fails on an empty picture of ${width}x${height}: ${messageOf(error)}`, error)
  })
  const names = metadata.get('names')
  const reader = chooseReader(spec, sample, names === undefined ? undefined : parseLabelNames(names))
  if (typeof reader === 'string') throw refused(reader)
  const { labels } = reader
  const layout = reader.kind === 'detect' ? reader.layout : undefined
  const facts = { name: spec.name, kind: spec.kind, input: input.size, frames: input.frames, labels, layout }
  return { facts, reader, run }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

import { InferenceSession } from 'onnxruntime-node'
import type { LoadedModel, ModelToLoad } from '../../domain/model.ts'
import { faultOfFile } from './file-fault.ts'
import { emptyInput } from './input-tensor.ts'
import { type ModelInput, readModelInput } from './model-input.ts'
import { messageOf } from '../../domain/message-of.ts'
import { readMetadata } from './model-metadata.ts'
import { sessionOptions } from './session-options.ts'
import { tensorsOf } from './tensor-text.ts'

/** What a model says of itself, before it is made ready. */
export interface ModelOutline {
  readonly metadata: ReadonlyMap<string, string>
  readonly input: ModelInput
  readonly output: { readonly name: string; readonly type: 'float32' | 'float16'; readonly dims: readonly number[] }
  /** As its file has them. */
  readonly tensors: LoadedModel['tensors']
}

/**
 * Opens a model without optimising it. Where its output has no fixed shape, it is run once on an empty picture.
 *
 * A text is the reason why it doesn't fit.
 */
export async function lookAtModel({ file, input: asked }: ModelToLoad): Promise<ModelOutline | string> {
  let session: InferenceSession
  let metadata: ReadonlyMap<string, string>
  try {
    session = await InferenceSession.create(file, { ...sessionOptions, graphOptimizationLevel: 'disabled' })
    metadata = readMetadata(file)
  } catch (error) {
    return `it cannot be read: ${await faultOfFile(file, error)}`
  }
  try {
    const input = readModelInput(session, metadata, asked)
    if (typeof input === 'string') return input
    const [output] = session.outputMetadata
    if (output === undefined || !output.isTensor) return 'its first output is not a tensor'
    const { name, type } = output
    if (type !== 'float32' && type !== 'float16') {
      return `its output ${name} is ${type}; export it with float32 or float16 output`
    }
    const dims = fixed(output.shape) ?? (await dimsOnEmptyPicture(session, input, name))
    return typeof dims === 'string'
      ? dims
      : { metadata, input, output: { name, type, dims }, tensors: tensorsOf(session) }
  } finally {
    await session.release()
  }
}

/** None at all stands for a shape that the file doesn't give. */
const fixed = (shape: readonly (number | string)[]): readonly number[] | undefined =>
  shape.length > 0 && shape.every((dim) => typeof dim === 'number') ? shape : undefined

async function dimsOnEmptyPicture(session: InferenceSession, input: ModelInput, output: string) {
  try {
    return (await session.run({ [input.name]: emptyInput(input) }, [output]))[output]?.dims ?? `no output ${output}`
  } catch (error) {
    const { width, height } = input.size
    return `it fails on an empty picture of ${width}x${height}: ${messageOf(error)}`
  }
}

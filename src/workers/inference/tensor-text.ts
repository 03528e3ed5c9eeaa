/** Tensors for people. */
import type { InferenceSession } from 'onnxruntime-node'
import type { LoadedModel } from '../../domain/model.ts'

/** A model's first input, its first output, and the outputs that are not read. */
export const tensorsOf = ({
  inputMetadata: [input],
  outputMetadata: [output, ...others],
}: InferenceSession): LoadedModel['tensors'] => ({
  input: tensorText(input),
  output: tensorText(output),
  unread: others.map(tensorText),
})

/** `images: float32 [1, 3, height, width]` */
function tensorText(tensor: InferenceSession.ValueMetadata | undefined): string {
  if (tensor === undefined) return 'none'
  return tensor.isTensor ? `${tensor.name}: ${tensor.type} ${shapeText(tensor.shape)}` : `${tensor.name}: no tensor`
}

/** `[1, 3, height, width]`; a dimension without a name is `?`. */
export const shapeText = (shape: readonly (number | string)[]): string =>
  `[${shape.map((dim) => (typeof dim === 'number' ? dim : dim || '?')).join(', ')}]`

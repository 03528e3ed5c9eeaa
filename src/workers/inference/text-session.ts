import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { RawOutput } from './model-output.ts'
import { shapeText } from './tensor-text.ts'

/** Why a model's input is not the one of floats that a text model has, of `height` where that is given; `undefined`: it is. */
export function faultOfInput(
  session: InferenceSession,
  expected: string,
  height: number | undefined,
): string | undefined {
  const [input, ...more] = session.inputMetadata
  if (input === undefined || more.length > 0 || !input.isTensor) return `expected one input of shape ${expected}`
  const fits = input.shape.length === 4 && input.shape[1] === 3 && (height === undefined || input.shape[2] === height)
  const found = `its input ${input.name} is ${input.type} ${shapeText(input.shape)}`
  return fits && input.type === 'float32' ? undefined : `${found}; expected float32 ${expected}`
}

/** Runs a model of one input and of one output that is looked at. @throws {Error} what ONNX Runtime says, or that it put out no floats. */
export async function runText(session: InferenceSession, images: Tensor): Promise<RawOutput> {
  const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]]
  const answer = (await session.run({ [input]: images }, [output]))[output]
  if (!(answer?.data instanceof Float32Array))
    throw new Error(`its output ${output} is ${answer?.type ?? 'missing'}; expected float32`)
  return { data: answer.data, dims: answer.dims }
}

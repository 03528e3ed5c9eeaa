import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { PictureSize } from '../../domain/frame.ts'
import type { RawOutput } from './model-output.ts'
import { shapeText } from './tensor-text.ts'
import { createToFloats, createToHalves } from './to-floats.ts'

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
  return fits && inputType(session) !== undefined ? undefined : `${found}; expected float32 or float16 ${expected}`
}

/** Those sides of a text model's input that its file fixes. */
export function fixedSides(session: InferenceSession): { readonly [side in keyof PictureSize]: number | undefined } {
  const [input] = session.inputMetadata
  const [height, width] = (input?.isTensor === true ? input.shape.slice(2) : []).map((side) =>
    typeof side === 'number' ? side : undefined,
  )
  return { width, height }
}

export const sizeText = ({ width, height }: PictureSize): string => `${width}x${height}`

/** A model of one input and of one output that is looked at, in float32 whatever it has itself. @throws {Error} what ONNX Runtime says, or that it put out no floats. */
export type TextRun = (images: Tensor) => Promise<RawOutput>

export async function createTextRun(session: InferenceSession): Promise<TextRun> {
  const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]]
  const toInput = inputType(session) === 'float16' ? await createToHalves(4) : undefined
  let toFloats: ReturnType<typeof createToFloats> | undefined
  return async (images) => {
    const feeds = { [input]: toInput === undefined ? images : await toInput(images) }
    let answer = (await session.run(feeds, [output]))[output]
    if (answer?.type === 'float16') {
      // Not every file says how many dimensions it has.
      toFloats ??= createToFloats(answer.dims.length)
      answer = await (await toFloats)(answer)
    }
    if (!(answer?.data instanceof Float32Array))
      throw new Error(`its output ${output} is ${answer?.type ?? 'missing'}; expected float32 or float16`)
    return { data: answer.data, dims: answer.dims }
  }
}

/** `undefined`: nothing that a text model takes. */
export function inputType(session: InferenceSession): 'float32' | 'float16' | undefined {
  const [input] = session.inputMetadata
  return input?.isTensor === true && (input.type === 'float32' || input.type === 'float16') ? input.type : undefined
}

import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Box } from '../../domain/fitting.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { OnnxGraph } from './onnx-graph.ts'
import { sessionOptions } from './session-options.ts'

/** What a model of PP-OCR subtracts from each channel in 0..1, and divides by then; blue first, as it is trained. */
export interface Normalisation {
  readonly mean: readonly [number, number, number]
  readonly deviation: readonly [number, number, number]
}

/** Cuts a part out of a picture (planes of red, green and blue, bytes) and makes it a text model's input. */
export type TextInput = (picture: Tensor, part: Box, scaledTo: PictureSize, widthPx?: number) => Promise<Tensor>

/** By a graph of ours, for parts and sizes that are known only when it runs. `widthPx`: of the input, where that is wider than what it shows. */
export async function createTextInput({ mean, deviation }: Normalisation): Promise<TextInput> {
  const session = await InferenceSession.create(textInputModel({ mean, deviation }), sessionOptions)
  return async (picture, { x, y, width, height }, scaledTo, widthPx = scaledTo.width) => {
    const { images } = await session.run({
      picture,
      starts: whole([y, x]),
      ends: whole([y + height, x + width]),
      sizes: whole([1, 3, scaledTo.height, scaledTo.width]),
      pads: whole([0, 0, 0, 0, 0, 0, 0, widthPx - scaledTo.width]),
    })
    if (images === undefined) throw new Error('no images were put out')
    return images
  }
}

const whole = (numbers: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(numbers, BigInt), [numbers.length])

function textInputModel({ mean, deviation }: Normalisation): Uint8Array {
  const graph = new OnnxGraph()
  const part = graph.op('Slice', ['picture', 'starts', 'ends', graph.ints([2, 3], [2])])
  const floats = graph.op('DequantizeLinear', [part, graph.floats(1 / 255), graph.bytes(0)])
  const resized = graph.op('Resize', [floats, '', '', 'sizes'], {
    mode: { text: 'linear' },
    coordinate_transformation_mode: { text: 'half_pixel' },
    antialias: { int: 1 },
  })
  const blueFirst = graph.op('Gather', [resized, graph.ints([2, 1, 0], [3])], { axis: { int: 1 } })
  const centred = graph.op('Sub', [blueFirst, graph.floats(mean, [1, 3, 1, 1])])
  const normal = graph.op('Div', [centred, graph.floats(deviation, [1, 3, 1, 1])])
  graph.output('images', graph.op('Pad', [normal, 'pads', graph.floats(0)]))
  return graph.encode({
    name: 'belay-text-input',
    inputs: [
      { name: 'picture', dims: [1, 3, 'height', 'width'], type: 'uint8' },
      { name: 'starts', dims: [2], type: 'int64' },
      { name: 'ends', dims: [2], type: 'int64' },
      { name: 'sizes', dims: [4], type: 'int64' },
      { name: 'pads', dims: [8], type: 'int64' },
    ],
    outputs: [{ name: 'images', dims: [1, 3, 'h', 'w'] }],
    opset: 18,
  })
}

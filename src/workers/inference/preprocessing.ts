import { type Fit, type PictureSize, bytesPerPixel } from '../../domain/frame.ts'
import { fitting, letterboxGrey } from '../../domain/fitting.ts'
import { OnnxGraph, type Value } from './onnx-graph.ts'

/** What turns pictures into a model's input: nothing varies in it but sizes. */
export interface Preprocessing {
  readonly picture: PictureSize
  readonly input: PictureSize
  readonly fit: Fit
  readonly frames: 1 | 2
}

/**
 * An ONNX model from pictures (`picture`, and before it `previous` where two are taken; uint8 `[H, W, 3]`) to `images`:
 * float32 `[1, 3 * frames, h, w]` in 0..1.
 *
 * Resizing is linear, with the filter widened where it shrinks so that every pixel counts, as ffmpeg does it. It comes first and on
 * bytes, the channels still together, and the one step that makes floats comes last: half the time of any other order.
 */
export function preprocessingModel({ picture, input, fit, frames }: Preprocessing): Uint8Array {
  const graph = new OnnxGraph()
  const names = frames === 2 ? ['previous', 'picture'] : ['picture']
  const planes = names.map((name) => channelsFirst(graph, fitted(graph, name, picture, input, fit)))
  const joined = planes.length === 1 ? (planes[0] as Value) : graph.op('Concat', planes, { axis: { int: 1 } })
  graph.output('images', graph.op('DequantizeLinear', [joined, graph.floats(1 / 255), graph.bytes(0)]))
  return graph.encode({
    name: 'belay-preprocessing',
    inputs: names.map((name) => ({ name, dims: [picture.height, picture.width, bytesPerPixel], type: 'uint8' })),
    outputs: [{ name: 'images', dims: [1, bytesPerPixel * frames, input.height, input.width] }],
    opset: 18,
  })
}

function fitted(graph: OnnxGraph, name: Value, from: PictureSize, to: PictureSize, fit: Fit): Value {
  const batch = graph.op('Unsqueeze', [name, graph.ints([0], [1])])
  if (from.width === to.width && from.height === to.height) return batch
  const { scaleX, scaleY, offsetX, offsetY } = fitting(from, to, fit)
  const width = Math.max(1, Math.round(from.width * scaleX))
  const height = Math.max(1, Math.round(from.height * scaleY))
  const resized = graph.op('Resize', [batch, '', '', graph.ints([1, height, width, bytesPerPixel], [4])], {
    mode: { text: 'linear' },
    coordinate_transformation_mode: { text: 'half_pixel' },
    antialias: { int: 1 },
  })
  if (width === to.width && height === to.height) return resized
  const left = Math.floor(offsetX)
  const top = Math.floor(offsetY)
  const pads = [0, top, left, 0, 0, to.height - height - top, to.width - width - left, 0]
  return graph.op('Pad', [resized, graph.ints(pads, [8]), graph.bytes(letterboxGrey)])
}

const channelsFirst = (graph: OnnxGraph, value: Value): Value => graph.op('Transpose', [value], { perm: [0, 3, 1, 2] })

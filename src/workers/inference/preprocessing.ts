import { type Fit, type PictureSize, bytesPerPixel, isSameSize } from '../../domain/frame.ts'
import { fitting, letterboxGrey } from '../../domain/fitting.ts'
import type { InputType } from './model-input.ts'
import { elementTypes, OnnxGraph, type Value } from './onnx-graph.ts'

/** What turns pictures into a model's input: nothing varies in it but sizes. */
export interface Preprocessing {
  readonly picture: PictureSize
  readonly input: PictureSize
  readonly fit: Fit
  readonly frames: 1 | 2
  readonly type: InputType
}

/**
 * An ONNX model from pictures (`picture`, and before it `previous` where two are taken; uint8 `[1, 3, H, W]`) to `images`:
 * `[1, 3 * frames, h, w]`, in 0..1, or in 0..255 where the model takes bytes.
 *
 * Floats come first: making them costs little, and all that follows is fast on floats in planes and slow on anything else.
 */
export function preprocessingModel({ picture, input, fit, frames, type }: Preprocessing): Uint8Array {
  const graph = new OnnxGraph()
  const names = frames === 2 ? ['previous', 'picture'] : ['picture']
  const planes = names.map((name) => {
    const floats = graph.op('DequantizeLinear', [name, graph.floats(1 / 255), graph.bytes(0)])
    return fitted(graph, floats, picture, input, fit)
  })
  const joined = planes.length === 1 ? (planes[0] as Value) : graph.op('Concat', planes, { axis: { int: 1 } })
  graph.output('images', asType(graph, joined, type))
  return graph.encode({
    name: 'belay-preprocessing',
    inputs: names.map((name) => ({ name, dims: [1, bytesPerPixel, picture.height, picture.width], type: 'uint8' })),
    outputs: [{ name: 'images', dims: [1, bytesPerPixel * frames, input.height, input.width], type }],
    opset: 18,
  })
}

function asType(graph: OnnxGraph, floats: Value, type: InputType): Value {
  switch (type) {
    case 'float32':
      return floats
    case 'float16':
      return graph.op('Cast', [floats], { to: { int: elementTypes.float16 } })
    case 'uint8':
      // Rounds, and keeps within 0 to 255.
      return graph.op('QuantizeLinear', [floats, graph.floats(1 / 255), graph.bytes(0)])
  }
}

function fitted(graph: OnnxGraph, planes: Value, from: PictureSize, to: PictureSize, fit: Fit): Value {
  if (isSameSize(from, to)) return planes
  const { scaleX, scaleY, offsetX: left, offsetY: top } = fitting(from, to, fit)
  const inside = { width: Math.round(from.width * scaleX), height: Math.round(from.height * scaleY) }
  const resized = resize(graph, planes, from, inside)
  if (isSameSize(inside, to)) return resized
  // What sticks out is cut off by pads below 0.
  const pads = [0, 0, top, left, 0, 0, to.height - inside.height - top, to.width - inside.width - left]
  return graph.op('Pad', [resized, graph.ints(pads, [8]), graph.floats(letterboxGrey * Math.fround(1 / 255))])
}

/**
 * Every pixel counts, whatever the size: first the mean of whole blocks of pixels, which is by far the fastest, then what is left to
 * shrink or to enlarge by linear interpolation, its filter widened where it shrinks.
 */
function resize(graph: OnnxGraph, planes: Value, from: PictureSize, to: PictureSize): Value {
  const across = blockSide(from.width, to.width)
  const down = blockSide(from.height, to.height)
  const left = { width: from.width / across, height: from.height / down }
  const shrunk =
    across === 1 && down === 1
      ? planes
      : graph.op('AveragePool', [planes], { kernel_shape: [down, across], strides: [down, across] })
  if (isSameSize(left, to)) return shrunk
  return graph.op('Resize', [shrunk, '', '', graph.ints([1, bytesPerPixel, to.height, to.width], [4])], {
    mode: { text: 'linear' },
    coordinate_transformation_mode: { text: 'half_pixel' },
    antialias: { int: 1 },
  })
}

/** The longest side of a block that divides `from` and leaves no less than `to`. */
function blockSide(from: number, to: number): number {
  let side = Math.max(1, Math.floor(from / to))
  while (from % side !== 0) side--
  return side
}

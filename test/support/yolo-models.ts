/** Models with the inputs, outputs, names and metadata that exporters of YOLO give them, and which see the same thing in any picture. */
import type { PictureSize } from '../../src/domain/frame.ts'
import { type ElementType, elementTypes, OnnxGraph, type Value } from '../../src/workers/inference/onnx-graph.ts'

/** A nut in the middle, found twice, and a bolt that is hardly one: centre, width, height, and a score for bolt and nut. */
const candidates = [
  [33, 32, 16, 8, 0, 0.625],
  [32, 32, 16, 8, 0, 0.75],
  [10, 10, 4, 4, 0.125, 0],
]
/** In corners, as it is to be found. */
export const theNut = { x: 24, y: 28, width: 16, height: 8, label: 'nut', score: 0.75 }

export interface Export {
  /** Empty where the exporter writes none. */
  readonly metadata: Readonly<Record<string, string>>
  readonly outputs: readonly Output[]
  readonly opset: number
  /** Of the input; 64x64 if not given. A name where it is open. */
  readonly sides?: readonly [height: number | string, width: number | string]
  readonly type?: ElementType
  /** A batch that is open, and with it the output's shape. */
  readonly isDynamic?: boolean
}

export interface Output {
  readonly name: string
  readonly dims: readonly number[]
  readonly values: Float32Array
}

/** The file as the exporter would have written it, but for the network. */
export function exportModel({
  metadata,
  outputs,
  opset,
  sides = [64, 64],
  type = 'float32',
  isDynamic,
}: Export): Uint8Array {
  const graph = new OnnxGraph()
  const floats = type === 'float32' ? 'images' : graph.op('Cast', ['images'], { to: { int: elementTypes.float32 } })
  // Used in each output, or ONNX Runtime would drop the input.
  const nothing = graph.op('Mul', [mean(graph, floats), graph.floats(0)])
  for (const { name, dims, values } of outputs) {
    const value = graph.op('Add', [graph.floats([...values], dims), nothing])
    graph.output(name, type === 'float16' ? graph.op('Cast', [value], { to: { int: elementTypes.float16 } }) : value)
  }
  return graph.encode({
    name: 'main_graph',
    inputs: [{ name: 'images', dims: [isDynamic ? 'batch' : 1, 3, ...sides], type }],
    outputs: outputs.map(({ name, dims }) => ({
      name,
      dims: isDynamic ? ['batch', ...dims.slice(1).map((_, at) => `${name}_${at}`)] : dims,
      type: type === 'float16' ? type : 'float32',
    })),
    metadata,
    opset,
  })
}

/** With operators that are the same in every version. */
function mean(graph: OnnxGraph, images: Value): Value {
  const pooled = graph.op('GlobalAveragePool', [images])
  const first = graph.op('Slice', [pooled, graph.ints([0], [1]), graph.ints([1], [1]), graph.ints([1], [1])])
  return graph.op('Reshape', [first, graph.ints([1], [1])])
}

/** Cells of the grids of stride 8, 16 and 32. */
export const cellsOf = ({ width, height }: PictureSize): number =>
  [8, 16, 32].reduce((sum, stride) => sum + (width / stride) * (height / stride), 0)

/** Candidate by candidate, with objectness: v5, v6 and v7. */
export function rowsHead(name: string, count: number): Output {
  const rows = Array.from({ length: count }, (_, at): number[] => {
    const [x = 0, y = 0, width = 0, height = 0, ...scores] = candidates[at] ?? []
    const [bolt = 0, nut = 0] = scores
    return [x, y, width, height, Math.max(bolt, nut), Math.sign(bolt), Math.sign(nut)]
  })
  return { name, dims: [1, count, 7], values: Float32Array.from(rows.flat()) }
}

/** Channel by channel: v8, v9, v11 and v12. */
export function channelsHead(name: string, count: number): Output {
  const values = new Float32Array(6 * count)
  candidates.forEach((candidate, at) => candidate.forEach((value, channel) => (values[channel * count + at] = value)))
  return { name, dims: [1, 6, count], values }
}

/** Corners, score and class: v10, and what was exported with its suppression. */
export function endToEndHead(name: string, count: number): Output {
  const values = new Float32Array(6 * count)
  values.set([24, 28, 40, 36, 0.75, 1, 8, 8, 12, 12, 0.125, 0])
  return { name, dims: [1, count, 6], values }
}

export const scoresHead = (name: string, scores: readonly number[]): Output => ({
  name,
  dims: [1, scores.length],
  values: Float32Array.from(scores),
})

/** As Ultralytics has written it since v8. */
export const ultralytics = (model: string, task: string, over: Readonly<Record<string, string>> = {}) => ({
  description: `Ultralytics ${model} model trained on /data/parts.yaml`,
  author: 'Ultralytics',
  date: '2026-03-02T09:15:47.102938',
  version: '8.3.78',
  license: 'AGPL-3.0 License (https://ultralytics.com/license)',
  docs: 'https://docs.ultralytics.com',
  stride: '32',
  task,
  batch: '1',
  imgsz: '[64, 64]',
  names: "{0: 'bolt', 1: 'nut'}",
  ...over,
})

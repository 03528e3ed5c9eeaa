import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { InferenceTask, SharedPicture } from '../../../src/domain/inference-task.ts'
import type { ModelToLoad } from '../../../src/domain/model.ts'
import { type ModelInfo, OnnxGraph, tensorInfo, type Value } from '../../../src/workers/inference/onnx-graph.ts'
import { bytesField, concat, intField, textField } from '../../../src/workers/inference/protobuf.ts'

/** Writes a model into a folder of this test's own and answers its path. */
export async function writeModel(bytes: Uint8Array | string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'belay-model-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'model.onnx')
  await writeFile(file, bytes)
  return file
}

export interface ModelShape {
  readonly input?: ModelInfo['inputs'][number]
  readonly metadata?: Readonly<Record<string, string>>
  readonly outputDims?: readonly (number | string)[]
}

/** A model `images` → `output0`; by default of 8x8 pictures. */
export function makeModel(build: (graph: OnnxGraph) => Value, shape: ModelShape = {}): Uint8Array {
  const graph = new OnnxGraph()
  graph.output('output0', build(graph))
  return graph.encode({
    name: 'test',
    inputs: [shape.input ?? { name: 'images', dims: [1, 3, 8, 8] }],
    outputs: [{ name: 'output0', dims: shape.outputDims ?? ['a', 'b', 'c'] }],
    ...(shape.metadata && { metadata: shape.metadata }),
  })
}

/** A model that says the same whatever it sees; of a shape and values of one's own. */
export const constantModel = (dims: readonly number[], values: readonly number[], shape: ModelShape = {}): Uint8Array =>
  makeModel(
    (graph) => {
      // Used in the output, or ONNX Runtime would drop the input.
      const seen = graph.op('ReduceMax', ['images'], { keepdims: { int: 0 } })
      const nothing = graph.op('Mul', [seen, graph.floats(0)])
      return graph.op('Add', [graph.floats(values, dims), nothing])
    },
    { outputDims: dims, ...shape },
  )

/** A model whose scores are the mean of each channel of its input: shows what it was given. */
export const meansModel = (channels: number, shape: ModelShape = {}): Uint8Array =>
  makeModel((graph) => graph.op('ReduceMean', ['images'], { axes: [2, 3], keepdims: { int: 0 } }), {
    input: { name: 'images', dims: [1, channels, 8, 8] },
    outputDims: [1, channels],
    ...shape,
  })

/** A classifier of 8x8 pictures that keeps the nine weights by which the means of its channels become logits in a file beside it, `weights.data`. */
export function outsideModel(): Uint8Array {
  const nodes = new OnnxGraph()
  const means = nodes.op('Reshape', [nodes.op('GlobalAveragePool', ['images']), nodes.ints([1, 3], [2])])
  nodes.output('output0', nodes.op('Add', [nodes.op('MatMul', [means, 'weights']), nodes.floats([2, 0, 0], [1, 3])]))
  const graph = concat([
    nodes.fragment(),
    textField(2, 'main_graph'),
    bytesField(5, outsideTensor('weights', [3, 3], 'weights.data')),
    bytesField(11, tensorInfo({ name: 'images', dims: [1, 3, 8, 8] })),
    bytesField(12, tensorInfo({ name: 'output0', dims: [1, 3] })),
  ])
  return concat([intField(1, 8), bytesField(7, graph), bytesField(8, concat([textField(1, ''), intField(2, 17)]))])
}

/** A TensorProto: dims, float32, name, where its data is, how long it is, and that it is there. */
export function outsideTensor(name: string, dims: readonly number[], location: string): Uint8Array {
  const entry = (key: string, value: string) => bytesField(13, concat([textField(1, key), textField(2, value)]))
  return concat([
    ...dims.map((dim) => intField(1, dim)),
    intField(2, 1),
    textField(8, name),
    entry('location', location),
    entry('length', String(4 * dims.reduce((product, dim) => product * dim, 1))),
    intField(14, 1),
  ])
}

export const detector = async (bytes: Uint8Array | string, spec: Partial<ModelToLoad> = {}): Promise<ModelToLoad> => ({
  name: 'bolts',
  kind: 'detect',
  file: await writeModel(bytes),
  labels: ['bolt', 'nut'],
  layout: 'auto',
  ...spec,
})

export const classifier = (bytes: Uint8Array | string, spec: Partial<ModelToLoad> = {}): Promise<ModelToLoad> =>
  detector(bytes, { name: 'belt', kind: 'classify', labels: ['red', 'green', 'blue'], ...spec })

export const square = { width: 8, height: 8 }

/** A picture of one colour in shared memory, not at its start. */
export function picture([red, green, blue]: readonly [number, number, number], size = square): SharedPicture {
  const length = size.width * size.height * 3
  const buffer = new SharedArrayBuffer(length + 100)
  const bytes = new Uint8Array(buffer, 100)
  ;[red, green, blue].forEach((level, channel) =>
    bytes.fill(level, (channel * length) / 3, ((channel + 1) * length) / 3),
  )
  return { buffer, byteOffset: 100, size }
}

export const task = (over: Partial<InferenceTask> = {}, model = 'bolts'): InferenceTask => ({
  picture: picture([0, 0, 0]),
  previous: undefined,
  sourceSize: square,
  fit: 'letterbox',
  models: [{ model, scoreThreshold: 0.5, iouThreshold: 0.5 }],
  ...over,
})

/** Two boxes, in each layout: centre 4, 4, 2 wide, 4 high, a nut of 0.75; and a bolt of 0.25. */
export const layouts = {
  v8: { dims: [1, 6, 2], values: [4, 1, 4, 1, 2, 1, 4, 1, 0.125, 0.25, 0.75, 0] },
  v5: { dims: [1, 2, 7], values: [4, 4, 2, 4, 1, 0.125, 0.75, 1, 1, 1, 1, 0.5, 0.5, 0] },
  'end-to-end': { dims: [1, 2, 6], values: [3, 2, 5, 6, 0.75, 1, 0, 0, 1, 1, 0.25, 0] },
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type ModelInfo, OnnxGraph, type Value } from '../../../src/workers/inference/onnx-graph.ts'

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

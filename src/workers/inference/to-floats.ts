import { InferenceSession, type Tensor } from 'onnxruntime-node'
import { elementTypes, OnnxGraph } from './onnx-graph.ts'
import { sessionOptions } from './session-options.ts'

type Floats = 'float32' | 'float16'

/** Makes float32 of a half-precision output, whatever its shape. */
export const createToFloats = (dimensions: number) => createCast('float16', 'float32', dimensions)

/** Makes an input of half precision. */
export const createToHalves = (dimensions: number) => createCast('float32', 'float16', dimensions)

/** By a graph, since a number at a time in JavaScript would take longer than some models. */
async function createCast(from: Floats, to: Floats, dimensions: number): Promise<(given: Tensor) => Promise<Tensor>> {
  const graph = new OnnxGraph()
  graph.output('made', graph.op('Cast', ['given'], { to: { int: elementTypes[to] } }))
  const dims = Array.from({ length: dimensions }, (_, index) => `d${index}`)
  const model = graph.encode({
    name: `belay-to-${to}`,
    inputs: [{ name: 'given', dims, type: from }],
    outputs: [{ name: 'made', dims, type: to }],
  })
  const session = await InferenceSession.create(model, sessionOptions)
  return async (given) => {
    const { made } = await session.run({ given })
    if (made === undefined) throw new Error(`no ${to} was put out`)
    return made
  }
}

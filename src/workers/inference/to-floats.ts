import { InferenceSession, type Tensor } from 'onnxruntime-node'
import { elementTypes, OnnxGraph } from './onnx-graph.ts'
import { sessionOptions } from './session-options.ts'

/** Makes float32 of a half-precision output, whatever its shape: by a graph, since a number at a time in JavaScript would take longer than some models. */
export async function createToFloats(dimensions: number): Promise<(halves: Tensor) => Promise<Tensor>> {
  const graph = new OnnxGraph()
  graph.output('floats', graph.op('Cast', ['halves'], { to: { int: elementTypes.float32 } }))
  const dims = Array.from({ length: dimensions }, (_, index) => `d${index}`)
  const model = graph.encode({
    name: 'belay-to-floats',
    inputs: [{ name: 'halves', dims, type: 'float16' }],
    outputs: [{ name: 'floats', dims }],
  })
  const session = await InferenceSession.create(model, sessionOptions)
  return async (halves) => {
    const { floats } = await session.run({ halves })
    if (floats === undefined) throw new Error('no floats were put out')
    return floats
  }
}

import type { ModelInput } from './model-input.ts'
import { changeGraph, inputField, nameOf } from './onnx-file.ts'
import { elementTypes, OnnxGraph, tensorInfo } from './onnx-graph.ts'
import { bytesField, concat } from './protobuf.ts'
import { fieldsOf } from './protobuf-reader.ts'

/** Of everything that is put before a model. */
const prefix = 'belay/'
const bytesInput = `${prefix}bytes`

/**
 * The model with an input of bytes, 0 to 255, in place of its input of floats, 0 to 1: two or three operators are put before its first, and nothing
 * else is changed.
 *
 * So the floats, four times as many bytes, never leave ONNX Runtime, whose binding copies every output into fresh memory.
 *
 * @throws {RangeError} it isn't laid out as a protobuf message, or has no such input.
 */
export function takeBytes(model: Uint8Array, input: ModelInput): { model: Uint8Array; input: ModelInput } {
  return {
    model: changeGraph(model, (graph) => withBytesInput(graph, input)),
    input: { ...input, name: bytesInput, type: 'uint8' },
  }
}

function withBytesInput(graph: Uint8Array, input: ModelInput): Uint8Array {
  const { width, height } = input.size
  const dims = [1, 3 * input.frames, height, width]
  const parts = [toFloats(input)]
  let replaced = 0
  for (const { at, number, start, end } of fieldsOf(graph)) {
    const isInput = number === inputField && nameOf(graph.subarray(start, end)) === input.name
    if (isInput) replaced++
    parts.push(
      isInput ? bytesField(inputField, tensorInfo({ name: bytesInput, dims, type: 'uint8' })) : graph.subarray(at, end),
    )
  }
  if (replaced !== 1) throw new RangeError(`the model has ${replaced} inputs of the name ${input.name}`)
  return concat(parts)
}

/** With operators that every version of ONNX in use has. */
function toFloats({ name, type }: ModelInput): Uint8Array {
  const graph = new OnnxGraph(prefix)
  const floats = graph.op('Cast', [bytesInput], { to: { int: elementTypes.float32 } })
  const scaled = graph.op('Mul', [floats, graph.floats(1 / 255)])
  graph.output(name, type === 'float16' ? graph.op('Cast', [scaled], { to: { int: elementTypes.float16 } }) : scaled)
  return graph.fragment()
}

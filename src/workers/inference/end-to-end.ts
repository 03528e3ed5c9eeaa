import { InferenceSession, Tensor } from 'onnxruntime-node'
import { changeGraph, inputField, opsetOf, outputField } from './onnx-file.ts'
import { OnnxGraph, tensorInfo } from './onnx-graph.ts'
import { bytesField, concat } from './protobuf.ts'
import { fieldsOf } from './protobuf-reader.ts'
import { sessionOptions } from './session-options.ts'
import { detections, leastScore, mostOverlap, type RawHead, suppress } from './suppression.ts'

export interface Thresholds {
  readonly scoreThreshold: number
  readonly iouThreshold: number
}

/** For what no camera has asked for yet. */
export const anyThresholds: Thresholds = { scoreThreshold: 0.5, iouThreshold: 0.5 }

/**
 * The model with suppression behind its output, and with that for its only output: what only others need is not computed, and of some megabytes of
 * candidates a handful of rows leave ONNX Runtime.
 *
 * Its operators are of `leastOpset` or newer.
 *
 * @throws {RangeError} it isn't laid out as a protobuf message.
 */
export function makeEndToEnd(model: Uint8Array, head: RawHead): Uint8Array {
  const nodes = new OnnxGraph('belay/after/')
  nodes.output(detections.name, suppress(nodes, head, opsetOf(model)))
  return changeGraph(model, (graph) => {
    const kept = [...fieldsOf(graph)].filter(({ number }) => number !== outputField)
    return concat([
      ...kept.map(({ at, end }) => graph.subarray(at, end)),
      nodes.fragment(),
      ...[leastScore, mostOverlap].map((input) => bytesField(inputField, tensorInfo(input))),
      bytesField(outputField, tensorInfo(detections)),
    ])
  })
}

/** Raw in, end-to-end out. @throws {Error} what ONNX Runtime says. */
export type Suppression = (raw: Tensor, by: Thresholds) => Promise<Tensor>

/** The same in a session of its own, for a model that cannot be changed. */
export async function createSuppression(head: RawHead): Promise<Suppression> {
  const opset = 17
  const graph = new OnnxGraph()
  graph.output(detections.name, suppress(graph, { ...head, name: 'raw' }, opset))
  const model = graph.encode({
    name: 'belay-suppression',
    inputs: [{ ...head, name: 'raw' }, leastScore, mostOverlap],
    outputs: [detections],
    opset,
  })
  const session = await InferenceSession.create(model, sessionOptions)
  return async (raw, by) => {
    const { [detections.name]: found } = await session.run({ raw, ...thresholdInputs(by) })
    if (found === undefined) throw new Error('no detections were put out')
    return found
  }
}

/** As the graph takes them. */
export const thresholdInputs = ({ scoreThreshold, iouThreshold }: Thresholds): Record<string, Tensor> => ({
  [leastScore.name]: new Tensor('float32', [roundedUp(scoreThreshold)], leastScore.dims),
  [mostOverlap.name]: new Tensor('float32', [iouThreshold], mostOverlap.dims),
})

/** The least float32 that is no less: which scores are below it is then the same question as in float64. */
export function roundedUp(value: number): number {
  const near = Math.fround(value)
  return near >= value ? near : nextAbove(near)
}

const nextAbove = (float: number): number => {
  const bits = new Int32Array(Float32Array.of(float).buffer)
  bits[0] = (bits[0] as number) + 1
  return new Float32Array(bits.buffer)[0] as number
}

import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { makeEndToEnd, thresholdInputs } from '../../../src/workers/inference/end-to-end.ts'
import { loadModel } from '../../../src/workers/inference/load-model.ts'
import { OnnxGraph, tensorInfo } from '../../../src/workers/inference/onnx-graph.ts'
import { bytesField, concat, intField, textField } from '../../../src/workers/inference/protobuf.ts'
import { channelsHead, exportModel, theNut, ultralytics } from '../../support/yolo-models.ts'
import { detector, outsideTensor } from './support.ts'

const head = channelsHead('output0', 84)
const exported = (opset: number) =>
  exportModel({ metadata: ultralytics('YOLOv8n', 'detect'), outputs: [head, channelsHead('output1', 84)], opset })
const half = { scoreThreshold: 0.5, iouThreshold: 0.5 }
const grey = new Tensor('float32', new Float32Array(3 * 64 * 64), [1, 3, 64, 64])

describe('a model that was made end-to-end', () => {
  it('puts out its detections, a last row of zeros, and nothing else', async () => {
    const model = makeEndToEnd(exported(17), { ...head, layout: 'v8', classes: 2 })
    expect(Buffer.from(model).includes('YOLOv8n')).toBe(true)
    const session = await InferenceSession.create(model)
    expect(session.outputNames).toEqual(['belay/detections'])
    const { 'belay/detections': found } = await session.run({ images: grey, ...thresholdInputs(half) })
    expect(found?.dims).toEqual([1, 2, 6])
    expect([...(found?.data as Float32Array)]).toEqual([24, 28, 40, 36, 0.75, 1, 0, 0, 0, 0, 0, 0])
  })

  it.each([12, 13, 17, 18, 20, 21])('runs with version %i of the operators', async (opset) => {
    const model = exported(opset)
    const session = await InferenceSession.create(makeEndToEnd(model, { ...head, layout: 'v8', classes: 2 }))
    const { 'belay/detections': found } = await session.run({ images: grey, ...thresholdInputs(half) })
    expect(found?.dims).toEqual([1, 2, 6])
  })
})

describe('a detector whose weights are in a file beside it', () => {
  it('cannot be changed, and finds the same', async () => {
    const nodes = new OnnxGraph()
    const seen = nodes.op('ReduceMax', ['images'], { keepdims: { int: 0 } })
    nodes.output('output0', nodes.op('Add', ['weights', nodes.op('Mul', [seen, nodes.floats(0)])]))
    const graph = concat([
      nodes.fragment(),
      textField(2, 'main_graph'),
      bytesField(5, outsideTensor('weights', head.dims, 'model.onnx.data')),
      bytesField(11, tensorInfo({ name: 'images', dims: [1, 3, 64, 64] })),
      bytesField(12, tensorInfo({ name: 'output0', dims: head.dims })),
    ])
    const opset = bytesField(8, concat([textField(1, ''), intField(2, 17)]))
    const spec = await detector(concat([intField(1, 8), bytesField(7, graph), opset]))
    await writeFile(join(dirname(spec.file), 'model.onnx.data'), head.values)

    const model = await loadModel(spec)
    if (!('detect' in model)) throw new Error('No detector was loaded')
    expect(model.input).toMatchObject({ name: 'images', type: 'float32' })
    expect(model.facts.beside).toBe('it cannot be changed: it has weights in a file beside it (model.onnx.data)')
    expect(await model.detect(grey, half)).toEqual([theNut])
  })
})

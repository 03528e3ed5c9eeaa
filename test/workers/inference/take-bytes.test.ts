import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { OnnxGraph } from '../../../src/workers/inference/onnx-graph.ts'
import { takeBytes } from '../../../src/workers/inference/take-bytes.ts'
import { makeModel } from './support.ts'

const input = { name: 'images', size: { width: 8, height: 8 }, frames: 1, type: 'float32' } as const
/** Puts out what it is given, plus nothing: by the names that our own operators have elsewhere. */
const mirror = makeModel((graph) => graph.op('Add', ['images', graph.floats(0)]), { outputDims: [1, 3, 8, 8] })
const bytes = Uint8Array.from({ length: 192 }, (_, at) => (at * 37) & 255)

async function run(model: Uint8Array, name: string, tensor: Tensor): Promise<Tensor> {
  const session = await InferenceSession.create(model)
  expect(session.inputNames).toEqual([name])
  const { output0 } = await session.run({ [name]: tensor })
  if (output0 === undefined) throw new Error('No output came out')
  return output0
}

describe('a model that was made to take bytes', () => {
  it('sees the same floats, to the last bit, as one that is given them', async () => {
    const changed = takeBytes(mirror, input)
    expect(changed.input).toEqual({ ...input, name: 'belay/bytes', type: 'uint8' })
    const { data } = await run(changed.model, 'belay/bytes', new Tensor('uint8', bytes, [1, 3, 8, 8]))
    const scale = Math.fround(1 / 255)
    expect([...(data as Float32Array)]).toEqual([...bytes].map((byte) => Math.fround(byte * scale)))
  })

  it('keeps its metadata and its outputs', async () => {
    const stated = makeModel((graph) => graph.op('Relu', ['images']), { metadata: { names: "{0: 'bolt'}" } })
    const { model } = takeBytes(stated, input)
    expect(Buffer.from(model).includes("{0: 'bolt'}")).toBe(true)
    expect((await InferenceSession.create(model)).outputNames).toEqual(['output0'])
  })

  it('takes halves where it took halves', async () => {
    const graph = new OnnxGraph()
    graph.output('output0', graph.op('Cast', ['images'], { to: { int: 1 } }))
    const halves = graph.encode({
      name: 'halves',
      inputs: [{ name: 'images', dims: [1, 3, 8, 8], type: 'float16' }],
      outputs: [{ name: 'output0', dims: [1, 3, 8, 8] }],
    })
    const { model } = takeBytes(halves, { ...input, type: 'float16' })
    const { data } = await run(model, 'belay/bytes', new Tensor('uint8', new Uint8Array(192).fill(255), [1, 3, 8, 8]))
    expect((data as Float32Array)[0]).toBe(1)
  })
})

describe('what is no model, or has no such input', () => {
  it('is told', () => {
    expect(() => takeBytes(mirror, { ...input, name: 'pictures' })).toThrow('0 inputs of the name pictures')
    expect(() => takeBytes(Uint8Array.of(0x3b), input)).toThrow('not a protobuf message')
  })
})

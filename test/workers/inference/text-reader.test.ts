import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { elementTypes, OnnxGraph, type Value } from '../../../src/workers/inference/onnx-graph.ts'
import { loadReader } from '../../../src/workers/inference/text-reader.ts'
import { writeModel } from './support.ts'

type Floats = 'float32' | 'float16'

/** A text model of which input and output are of `type`, and what is between them of float32. */
async function textModel(
  type: Floats,
  dims: { readonly in: (number | string)[]; readonly out: (number | string)[] },
  build: (graph: OnnxGraph, images: Value) => Value,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  const graph = new OnnxGraph()
  const output = build(graph, graph.op('Cast', ['x'], { to: { int: elementTypes.float32 } }))
  graph.output('y', graph.op('Cast', [output], { to: { int: elementTypes[type] } }))
  const [inputs, outputs] = [[{ name: 'x', dims: dims.in, type }], [{ name: 'y', dims: dims.out, type }]]
  return writeModel(graph.encode({ name: 'text', inputs, outputs, metadata }))
}

/** Reads `AB` where something of its line is white, which is 1 then. */
const recogniser = (type: Floats) =>
  textModel(
    type,
    { in: [1, 3, 48, 'width'], out: [1, 2, 3] },
    (graph, images) => {
      const brightest = graph.op('ReduceMax', [images], { keepdims: { int: 0 } })
      return graph.op('Mul', [graph.floats([0, 0.75, 0.125, 0, 0.125, 0.5], [1, 2, 3]), brightest])
    },
    { character: 'A\nB' },
  )

/** Takes what is bright for text. */
const finder = (type: Floats) =>
  textModel(type, { in: [1, 3, 'height', 'width'], out: [1, 1, 'height', 'width'] }, (graph, images) => {
    const bright = graph.op('ReduceMean', [images], { axes: [1] })
    return graph.op('Clip', [bright, graph.floats(0), graph.floats(1)])
  })

/** Black, with a white line in it. */
function whiteLine(): Tensor {
  const plane = Uint8Array.from({ length: 64 * 64 }, (_, at) => {
    const [x, y] = [at % 64, Math.floor(at / 64)]
    return x >= 8 && x < 56 && y >= 24 && y < 40 ? 255 : 0
  })
  return new Tensor('uint8', Uint8Array.from([...plane, ...plane, ...plane]), [1, 3, 64, 64])
}

describe('a model that reads', () => {
  it.each(['float32', 'float16'] as const)('takes and gives %s, its detector too', async (type) => {
    const file = await recogniser(type)
    const spec = { name: 'codes', kind: 'read', labels: undefined, layout: 'auto' } as const
    const reader = await loadReader({ ...spec, file, detector: await finder(type) })
    expect(reader.facts.type).toBe(type)
    const [line, ...more] = await reader.readLines(whiteLine(), { x: 0, y: 0, width: 64, height: 64 })
    expect(more).toEqual([])
    expect(line).toMatchObject({ text: 'AB', score: expect.closeTo(0.625, 2) as number })
    const whole = await loadReader({ ...spec, file })
    expect(await whole.readLines(whiteLine(), { x: 8, y: 24, width: 48, height: 16 })).toEqual([
      { x: 8, y: 24, width: 48, height: 16, text: 'AB', score: expect.closeTo(0.625, 2) as number },
    ])
  })
})

import { Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { elementTypes, OnnxGraph, type Value } from '../../../src/workers/inference/onnx-graph.ts'
import { loadReader } from '../../../src/workers/inference/text-reader.ts'
import { writeModel } from './support.ts'

const spec = { name: 'codes', kind: 'read', labels: undefined, layout: 'auto' } as const

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

/** Reads `AB` where the right end of its line is white. */
const recogniserOfWidth = (widthPx: number) =>
  textModel(
    'float32',
    { in: [1, 3, 48, widthPx], out: [1, 2, 3] },
    (graph, images) => {
      const last = graph.op('Gather', [images, graph.ints([widthPx - 1], [1])], { axis: { int: 3 } })
      const brightest = graph.op('Clip', [graph.op('ReduceMax', [last], { keepdims: { int: 0 } }), graph.floats(0)])
      return graph.op('Mul', [graph.floats([0, 0.75, 0.125, 0, 0.125, 0.5], [1, 2, 3]), brightest])
    },
    { character: 'A\nB' },
  )

/** Takes what is bright for text, in pictures of one size whatever its input says. */
const finderOfSize = (width: number, height: number, says: readonly (number | string)[]) =>
  textModel('float32', { in: [1, 3, ...says], out: [1, 1, ...says] }, (graph, images) => {
    const fixed = graph.op('Reshape', [images, graph.ints([1, 3, height, width], [4])])
    return graph.op('Clip', [graph.op('ReduceMean', [fixed], { axes: [1] }), graph.floats(0), graph.floats(1)])
  })

const whitePicture = (width: number, height: number): Tensor =>
  new Tensor('uint8', new Uint8Array(3 * width * height).fill(255), [1, 3, height, width])

/** Black, with a white line in it. */
function whiteLine(): Tensor {
  const plane = Uint8Array.from({ length: 64 * 64 }, (_, at) => {
    const [x, y] = [at % 64, Math.floor(at / 64)]
    return x >= 8 && x < 56 && y >= 24 && y < 40 ? 255 : 0
  })
  return new Tensor('uint8', Uint8Array.from([...plane, ...plane, ...plane]), [1, 3, 64, 64])
}

/** Black, with so many white lines one below another. */
function rowsOf(count: number): Tensor {
  const plane = Uint8Array.from({ length: 64 * 320 }, (_, at) => {
    const [x, y] = [at % 64, Math.floor(at / 64)]
    return x >= 8 && x < 56 && y % 9 < 4 && y < 9 * count ? 255 : 0
  })
  return new Tensor('uint8', Uint8Array.from([...plane, ...plane, ...plane]), [1, 3, 320, 64])
}

describe('a model that reads', () => {
  it.each(['float32', 'float16'] as const)('takes and gives %s, its detector too', async (type) => {
    const file = await recogniser(type)
    const reader = await loadReader({ ...spec, file, detector: await finder(type) })
    expect(reader.facts.type).toBe(type)
    const {
      lines: [line, ...more],
    } = await reader.readLines(whiteLine(), { x: 0, y: 0, width: 64, height: 64 })
    expect(more).toEqual([])
    expect(line).toMatchObject({ text: 'AB', score: expect.closeTo(0.625, 2) as number })
    const whole = await loadReader({ ...spec, file })
    expect((await whole.readLines(whiteLine(), { x: 8, y: 24, width: 48, height: 16 })).lines).toEqual([
      { x: 8, y: 24, width: 48, height: 16, text: 'AB', score: expect.closeTo(0.625, 2) as number },
    ])
  })
})

describe('a picture with many lines', () => {
  it.each([
    { count: 31, isAtBound: false },
    { count: 32, isAtBound: true },
    { count: 33, isAtBound: true },
  ])('of which $count are found has as many as are read of one: $isAtBound', async ({ count, isAtBound }) => {
    const reader = await loadReader({ ...spec, file: await recogniser('float32'), detector: await finder('float32') })
    const picture = rowsOf(count)
    const read = await reader.readLines(picture, { x: 0, y: 0, width: 64, height: 320 })
    expect([read.lines.length, read.isAtBound]).toEqual([Math.min(count, 32), isAtBound])
  })
})

describe('a recogniser of one width', () => {
  it('is given lines of that width: longer ones squeezed into it, shorter ones padded', async () => {
    const reader = await loadReader({ ...spec, file: await recogniserOfWidth(320) })
    expect(reader.facts.input).toEqual({ width: 320, height: 48 })
    const {
      lines: [long],
    } = await reader.readLines(whitePicture(1000, 16), { x: 0, y: 0, width: 1000, height: 16 })
    expect(long?.text).toBe('AB')
    // Its right end is padding.
    expect((await reader.readLines(whitePicture(64, 16), { x: 0, y: 0, width: 64, height: 16 })).lines).toEqual([])
  })
})

describe('a detector of one size', () => {
  it('is given the picture scaled to that, and its boxes are scaled back', async () => {
    const detector = await finderOfSize(32, 64, [64, 32])
    const reader = await loadReader({ ...spec, file: await recogniser('float32'), detector })
    expect(reader.facts.input).toEqual({ width: 32, height: 64 })
    expect(reader.facts.reads?.finds).toMatchObject({
      provider: 'cpu',
      tensors: { input: 'x: float32 [1, 3, 64, 32]', output: 'y: float32 [1, 1, 64, 32]' },
    })
    const near = (value: number): number => expect.closeTo(value, 3) as number
    // 4 to 28 and 24 to 40 in its map, grown by 7.2.
    expect((await reader.readLines(whiteLine(), { x: 0, y: 0, width: 64, height: 64 })).lines).toMatchObject([
      { x: 0, y: near(16.8), width: 64, height: near(30.4), text: 'AB' },
    ])
  })
})

describe('a text model that does not fit', () => {
  it('is refused where its width is fixed in its graph and open in its input', async () => {
    const file = await textModel(
      'float32',
      { in: [1, 3, 48, 'width'], out: [1, 2, 3] },
      (graph, images) => {
        const fixed = graph.op('Reshape', [images, graph.ints([1, 3 * 48 * 320], [2])])
        const brightest = graph.op('ReduceMax', [fixed], { keepdims: { int: 0 } })
        return graph.op('Mul', [graph.floats([0, 0.75, 0.125, 0, 0.125, 0.5], [1, 2, 3]), brightest])
      },
      { character: 'A\nB' },
    )
    await expect(loadReader({ ...spec, file })).rejects.toThrow(
      'it fails on an empty line of 640x48, and its input says that it takes any width: ',
    )
  })

  it('is refused where the size that it finds lines in is fixed in its graph and open in its input', async () => {
    const detector = await finderOfSize(320, 320, ['height', 'width'])
    await expect(loadReader({ ...spec, file: await recogniser('float32'), detector })).rejects.toThrow(
      'it fails on an empty picture of 320x160: ',
    )
  })

  it.each([1.02, -3, NaN])('is refused where it puts out %s: it has no softmax', async (value) => {
    const file = await textModel(
      'float32',
      { in: [1, 3, 48, 'width'], out: [1, 2, 3] },
      (graph, images) => {
        const nothing = graph.op('Mul', [graph.op('ReduceMax', [images], { keepdims: { int: 0 } }), graph.floats(0)])
        return graph.op('Add', [graph.floats([0.5, 0.5, 0, 0, value, 0.5], [1, 2, 3]), nothing])
      },
      { character: 'A\nB' },
    )
    await expect(loadReader({ ...spec, file })).rejects.toThrow(
      `its output for an empty line has ${Math.fround(value)}; expected 0 to 1, as a model with its softmax puts it out`,
    )
  })
})

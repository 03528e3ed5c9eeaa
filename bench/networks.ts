import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OnnxGraph, type Value } from '../src/workers/inference/onnx-graph.ts'
import { mix, sequence } from '../src/workers/belt/random.ts'
import type { BenchModel } from './model-alone.ts'

/** How much there is to compute: 3x3 convolutions at an eighth and at a sixteenth of the picture, behind a stem of three. */
const sizes = {
  small: { side: 320, fine: 4, coarse: 3 },
  large: { side: 640, fine: 8, coarse: 7 },
} as const

export type NetworkName = keyof typeof sizes

export interface Network extends BenchModel {
  readonly side: number
  /** Of one picture; a multiplication and an addition are two operations. */
  readonly gigaflop: number
}

/** Writes a convolutional network of random weights that answers as a YOLOv8 detector of two classes does, for so many pictures at a time. */
export async function writeNetwork(folder: string, name: NetworkName, batch = 1): Promise<Network> {
  const { side, fine, coarse } = sizes[name]
  const body = new Body(side, batch)
  body.convolve(16, 2).convolve(32, 2).convolve(64, 2)
  for (let block = 0; block < fine; block++) body.convolve(64, 1)
  body.convolve(128, 2)
  for (let block = 0; block < coarse; block++) body.convolve(128, 1)
  const file = join(folder, batch === 1 ? `${name}.onnx` : `${name}-${batch}.onnx`)
  await writeFile(file, body.encode())
  return { name, kind: 'detect', file, side, gigaflop: body.operations / 1e9 }
}

class Body {
  readonly #graph = new OnnxGraph()
  readonly #random = sequence(mix(1, 1))
  #value: Value = 'images'
  #channels = 3
  #side: number
  operations = 0

  constructor(
    readonly inputSide: number,
    private readonly batch: number,
  ) {
    this.#side = inputSide
  }

  /** 3x3, then the rectifier that keeps its answers in bounds. */
  convolve(channels: number, stride: 1 | 2): this {
    this.#value = this.#graph.op('Relu', [this.#convolution(channels, 3, stride)])
    return this
  }

  encode(): Uint8Array {
    const graph = this.#graph
    const cells = this.#side ** 2
    const answers = graph.op('Reshape', [this.#convolution(6, 1, 1), graph.ints([this.batch, 6, cells], [3])])
    const [box, scores] = graph.op2('Split', [answers, graph.ints([4, 2], [2])], { axis: { int: 1 } })
    const within = (value: Value, most: number) => graph.op('Mul', [graph.op('Sigmoid', [value]), graph.floats(most)])
    // Hardly ever anything: what is measured is the way of the frames, not of a crowd of boxes.
    const seldom = graph.op('Sub', [scores, graph.floats(4)])
    graph.output('output0', graph.op('Concat', [within(box, this.inputSide), within(seldom, 1)], { axis: { int: 1 } }))
    return graph.encode({
      name: 'bench',
      inputs: [{ name: 'images', dims: [this.batch, 3, this.inputSide, this.inputSide] }],
      outputs: [{ name: 'output0', dims: [this.batch, 6, cells] }],
      metadata: { names: "{0: 'one', 1: 'other'}" },
    })
  }

  #convolution(channels: number, kernel: 1 | 3, stride: 1 | 2): Value {
    const fanIn = this.#channels * kernel ** 2
    // Keeps the spread of the answers from layer to layer.
    const reach = Math.sqrt(6 / fanIn)
    const weights = Array.from({ length: channels * fanIn }, () => (2 * this.#random() - 1) * reach)
    const border = (kernel - 1) / 2
    const value = this.#graph.op(
      'Conv',
      [this.#value, this.#graph.floats(weights, [channels, this.#channels, kernel, kernel])],
      { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [border, border, border, border] },
    )
    this.#side /= stride
    this.#channels = channels
    this.operations += 2 * this.#side ** 2 * channels * fanIn
    return value
  }
}

/**
 * The belt-state classifier: from the two latest frames, whether the belt runs loaded, stands still, or runs empty.
 *
 * Two numbers decide: how much the picture's blocks changed between the frames, and how much stands out from the belt in the newer one.
 * Each goes through a logistic curve whose two weights `fit-belt-state.ts` has found.
 */
import { blobFilters } from './blob-filters.ts'
import { OnnxGraph, type Value } from '../../src/workers/inference/onnx-graph.ts'

export const beltStateSide = 160
const side = beltStateSide
/** Blocks are large enough for the noise to average out of them, and small against the belt's texture. */
const blockSide = 8
/** In samples; from the smallest particle to the largest, at a quarter of 640. */
const filters = blobFilters([1, 1.7, 2.8], 9)
/** Standard deviation of each filter's answer to white noise of 1. */
const noiseGains = filters.radii.map((_, i) => {
  const weights = filters.weights.slice(i * filters.size ** 2, (i + 1) * filters.size ** 2)
  return Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0))
})
/** An answer counts from this many sigmas of its noise, and as many of 255 levels on top for the belt's texture. */
const noiseSigmas = 4.5
const textureLevels = 5

/** Probability = 1 / (1 + exp(-(slope * feature + offset))). */
export interface Logistic {
  readonly slope: number
  readonly offset: number
}

export interface BeltStateWeights {
  /** Of running, by the logarithm of the blocks' change. */
  readonly runs: Logistic
  /** Of carrying particles while running, by the logarithm of what stands out. */
  readonly carries: Logistic
}

const beltStateWeights: BeltStateWeights = {
  runs: { slope: 3.48, offset: 4.63 },
  carries: { slope: 1.93, offset: -6.78 },
}

/** `output0` is [1, 3]: the probabilities of moving, stopped, empty. */
export function makeBeltState(weights: BeltStateWeights = beltStateWeights): Uint8Array {
  const g = new OnnxGraph()
  const [change, load] = features(g)
  const runs = logistic(g, change, weights.runs)
  const carries = logistic(g, load, weights.carries)
  const not = (value: Value) => g.op('Sub', [g.floats(1), value])
  const scores = [g.op('Mul', [runs, carries]), not(runs), g.op('Mul', [runs, not(carries)])]
  g.output('output0', g.op('Concat', scores, { axis: { int: 1 } }))
  return encode(g, 3)
}

/** The same network up to its two features, [1, 2], for fitting. */
export function makeBeltStateFeatures(): Uint8Array {
  const g = new OnnxGraph()
  g.output('output0', g.op('Concat', features(g), { axis: { int: 1 } }))
  return encode(g, 2)
}

const encode = (g: OnnxGraph, outputs: number): Uint8Array =>
  g.encode({
    name: 'belt-state',
    inputs: [{ name: 'images', dims: [1, 6, side, side] }],
    outputs: [{ name: 'output0', dims: [1, outputs] }],
    metadata: {
      description: 'Whether a belt runs loaded, stands still or runs empty, from the previous and the newest frame',
      task: 'classify',
      names: "{0: 'moving', 1: 'stopped', 2: 'empty'}",
      imgsz: `[${side}, ${side}]`,
      frames: '2',
      batch: '1',
    },
  })

function features(g: OnnxGraph): [Value, Value] {
  const perFrame = g.op('Reshape', ['images', g.ints([2, 3, side, side], [4])])
  const grey = g.op('Mul', [g.op('ReduceMean', [perFrame], { axes: [1], keepdims: { int: 1 } }), g.floats(255)])
  const frame = (index: number) => g.op('Gather', [grey, g.ints([index], [1])], { axis: { int: 0 } })
  const [before, now] = [frame(0), frame(1)]
  return [changeOf(g, g.op('Sub', [now, before])), loadOf(g, now)]
}

/** Logarithm of the mean square of the blocks' changes. */
function changeOf(g: OnnxGraph, difference: Value): Value {
  const blocks = g.op('AveragePool', [difference], {
    kernel_shape: [blockSide, blockSide],
    strides: [blockSide, blockSide],
  })
  return g.op('Log', [g.op('Add', [overAll(g, 'ReduceMean', g.op('Mul', [blocks, blocks])), g.floats(1e-3)])])
}

/** Logarithm of how far blobs of a particle's size stand out, added up over the picture. */
function loadOf(g: OnnxGraph, frame: Value): Value {
  const border = (filters.size - 1) / 2
  const pads = g.ints([0, 0, border, border, 0, 0, border, border], [8])
  const bank = g.floats(filters.weights, [filters.radii.length, 1, filters.size, filters.size])
  const padded = g.op('Pad', [frame, pads], { mode: { text: 'edge' } })
  const answers = g.op('Abs', [g.op('Conv', [padded, bank], { kernel_shape: [filters.size, filters.size] })])
  const cut = g.op('Add', [
    g.op('Mul', [
      noiseOf(g, frame),
      g.floats(
        noiseGains.map((gain) => gain * noiseSigmas),
        [1, filters.radii.length, 1, 1],
      ),
    ]),
    g.floats(textureLevels),
  ])
  const excess = g.op('Relu', [g.op('Sub', [answers, cut])])
  return g.op('Log', [g.op('Add', [overAll(g, 'ReduceL1', excess), g.floats(1)])])
}

/** Sigma of the frame's noise, [1, 1, 1, 1], from the finest checkerboard in it, of which belt and particles have next to nothing. */
function noiseOf(g: OnnxGraph, frame: Value): Value {
  const checker = g.floats([0.5, -0.5, -0.5, 0.5], [1, 1, 2, 2])
  const fine = g.op('Abs', [g.op('Conv', [frame, checker], { kernel_shape: [2, 2] })])
  // The mean of the absolute value of a Gaussian is sqrt(2 / pi) of its sigma.
  return g.op('Mul', [
    g.op('ReduceMean', [fine], { axes: [1, 2, 3], keepdims: { int: 1 } }),
    g.floats(Math.sqrt(Math.PI / 2)),
  ])
}

const overAll = (g: OnnxGraph, reduce: 'ReduceMean' | 'ReduceL1', value: Value): Value =>
  g.op('Reshape', [g.op(reduce, [value], { axes: [1, 2, 3], keepdims: { int: 1 } }), g.ints([1, 1], [2])])

const logistic = (g: OnnxGraph, feature: Value, { slope, offset }: Logistic): Value =>
  g.op('Sigmoid', [g.op('Add', [g.op('Mul', [feature, g.floats(slope)]), g.floats(offset)])])

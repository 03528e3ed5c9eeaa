import { blobFilters } from './blob-filters.ts'
import type { OnnxGraph, Value } from '../../src/workers/inference/onnx-graph.ts'

/** Particles that may be there: one value each, lengths in the picture's pixels. */
export interface Peaks {
  readonly x: Value
  readonly y: Value
  readonly radius: Value
  /** How strongly the best filter answers, 0 to 1 as the picture's levels; 0 where there were fewer peaks than places. */
  readonly strength: Value
  /** 1 bright, -1 dark. */
  readonly sign: Value
}

/** Answers to weaker things are noise: the faintest particle, 18 of 255 levels, gives about 16, and noise at the smallest filter has sigma 2. */
const faintest = 11 / 255
const scaleStep = 1.25
/** In samples; at a half and a quarter of the picture's size they cover radii from 2.7 to 13.2 px. */
const filters = blobFilters([1.4, 1.75, 2.19, 2.73, 3.42], 15)

/**
 * The `count` strongest peaks in one octave: local maxima, over place and filter, of the answers to a bank of blob filters.
 *
 * `picture` is [1, 1, h, w] with h = w = `side / pxPerSample`; each peak is placed between samples by the parabola through its neighbours.
 */
export function findPeaks(g: OnnxGraph, picture: Value, side: number, pxPerSample: number, count: number): Peaks {
  const across = side / pxPerSample
  const scales = filters.radii.length
  // Padded with its own edge: zeros would be a step in brightness, and every corner a particle.
  const border = (filters.size - 1) / 2
  const pads = g.ints([0, 0, border, border, 0, 0, border, border], [8])
  const padded = g.op('Pad', [picture, pads], { mode: { text: 'edge' } })
  const bank = g.floats(filters.weights, [scales, 1, filters.size, filters.size])
  const answers = g.op('Conv', [padded, bank], { kernel_shape: [filters.size, filters.size] })
  const best = g.op('ReduceMax', [g.op('Abs', [answers])], { axes: [1], keepdims: { int: 1 } })
  const around = g.op('MaxPool', [best], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [1, 1] })
  const isPeak = g.op('And', [g.op('Equal', [best, around]), g.op('Greater', [best, g.floats(faintest)])])
  const flatPeaks = g.op('Reshape', [g.op('Where', [isPeak, best, g.floats(0)]), g.ints([-1], [1])])
  const [strength, at] = g.op2('TopK', [flatPeaks, g.ints([count], [1])])

  const flat = g.op('Reshape', [best, g.ints([-1], [1])])
  const beside = (offset: number) => g.op('Gather', [flat, clamp(g, at, offset, across * across)])
  const centre = beside(0)
  const position = (index: Value, step: number): Value => {
    const whole = g.op('Add', [g.op('Cast', [index], { to: { int: 1 } }), g.floats(0.5)])
    const exact = g.op('Add', [whole, vertex(g, beside(-step), centre, beside(step))])
    return g.op('Mul', [exact, g.floats(pxPerSample)])
  }
  const row = g.op('Div', [at, g.ints(across)])
  const column = g.op('Sub', [at, g.op('Mul', [row, g.ints(across)])])

  const signed = g.op('Gather', [g.op('Reshape', [answers, g.ints([scales, -1], [2])]), at], { axis: { int: 1 } })
  const absolute = g.op('Abs', [signed])
  const scale = g.op('ArgMax', [absolute], { axis: { int: 0 }, keepdims: { int: 1 } })
  const atScale = (values: Value, offset: number): Value => {
    const picked = g.op('GatherElements', [values, clamp(g, scale, offset, scales)], { axis: { int: 0 } })
    return g.op('Reshape', [picked, g.ints([-1], [1])])
  }
  const radiiPx = filters.radii.map((radius) => radius * pxPerSample)
  const nominal = g.op('Gather', [g.floats(radiiPx, [scales]), g.op('Reshape', [scale, g.ints([-1], [1])])])
  const betweenScales = vertex(g, atScale(absolute, -1), atScale(absolute, 0), atScale(absolute, 1))
  return {
    x: position(column, 1),
    y: position(row, across),
    radius: g.op('Mul', [nominal, g.op('Pow', [g.floats(scaleStep), betweenScales])]),
    strength,
    sign: g.op('Sign', [atScale(signed, 0)]),
  }
}

/** `index + offset`, kept within 0 to `size - 1`. */
const clamp = (g: OnnxGraph, index: Value, offset: number, size: number): Value =>
  g.op('Min', [g.op('Max', [g.op('Add', [index, g.ints(offset)]), g.ints(0)]), g.ints(size - 1)])

/** Where between its neighbours a maximum lies, from the parabola through the three: -0.5 to 0.5 steps. */
function vertex(g: OnnxGraph, before: Value, centre: Value, after: Value): Value {
  const slope = g.op('Sub', [after, before])
  const bend = g.op('Sub', [g.op('Mul', [centre, g.floats(2)]), g.op('Add', [before, after])])
  const safe = g.op('Max', [g.op('Mul', [bend, g.floats(2)]), g.floats(1e-6)])
  return g.op('Clip', [g.op('Div', [slope, safe]), g.floats(-0.5), g.floats(0.5)])
}

import type { OnnxGraph, Value } from '../../src/workers/inference/onnx-graph.ts'
import type { Peaks } from './particle-peaks.ts'

const directions = 12
/** Three rings of samples around each peak, at `ofRadius * radius + px`. */
const inside = { ofRadius: 0.6, px: 0 }
const outside = { ofRadius: 1.5, px: 0 }
const surroundings = { ofRadius: 1.5, px: 12 }
/** Ranks of directions by falling contrast: the best four may be an edge, the last three a touching neighbour. */
const discRanks = { from: 4, to: 9 }
/** Ranks of directions by how much they are like the peak: the first three may be a neighbour of its kind; the belt must show in five. */
const beltRanks = { from: 3, to: 5 }

/**
 * How far each peak stands out as a disc does, in the picture's levels (0 to 1): the lesser of two contrasts.
 *
 * Inside against outside: an edge, or the ring that a filter leaves around a strong disc, has it in a few directions only.
 * Inside against the belt further off: the wedge between two touching discs differs from them, and not from the belt.
 */
export function discContrast(g: OnnxGraph, picture: Value, side: number, count: number, peaks: Peaks): Value {
  const levels = sampleRings(g, picture, side, count, peaks)
  const ring = (index: number) => g.op('Gather', [levels, g.ints(index)], { axis: { int: 1 } })
  const sign = g.op('Reshape', [peaks.sign, g.ints([count, 1], [2])])
  const onlyRanks = (values: Value, from: number, to: number): Value => {
    const [ranked] = g.op2('TopK', [values, g.ints([to], [1])], { axis: { int: 1 } })
    return g.op('Slice', [ranked, g.ints([from], [1]), g.ints([to], [1]), g.ints([1], [1])])
  }
  const mean = (values: Value) => g.op('ReduceMean', [values], { axes: [1], keepdims: { int: 0 } })
  const perDirection = g.op('Mul', [g.op('Sub', [ring(0), ring(1)]), sign])
  const asDisc = mean(onlyRanks(perDirection, discRanks.from, discRanks.to))
  const around = g.op('Mul', [ring(2), sign])
  const belt = mean(onlyRanks(around, beltRanks.from, beltRanks.to))
  const fromBelt = g.op('Sub', [g.op('Mul', [mean(ring(0)), peaks.sign]), belt])
  return g.op('Min', [asDisc, fromBelt])
}

/** [count, 3, directions]: the picture's levels on the rings, between its samples; beyond its edge, the edge's. */
function sampleRings(g: OnnxGraph, picture: Value, side: number, count: number, { x, y, radius }: Peaks): Value {
  const rings = [inside, outside, surroundings]
  const shape = [1, rings.length * directions, 2]
  const ofRadius = g.floats(
    rings.flatMap((ring) => circle(ring.ofRadius)),
    shape,
  )
  const px = g.floats(
    rings.flatMap((ring) => circle(ring.px)),
    shape,
  )
  const column = (value: Value) => g.op('Reshape', [value, g.ints([count, 1, 1], [3])])
  const centre = g.op('Concat', [column(x), column(y)], { axis: { int: 2 } })
  const offset = g.op('Add', [g.op('Mul', [column(radius), ofRadius]), px])
  // GridSample counts from -1 to 1 across the picture.
  const unit = g.op('Sub', [g.op('Mul', [g.op('Add', [centre, offset]), g.floats(2 / side)]), g.floats(1)])
  const sampled = g.op('GridSample', [picture, g.op('Unsqueeze', [unit, g.ints([0], [1])])], {
    mode: { text: 'bilinear' },
    padding_mode: { text: 'border' },
    align_corners: { int: 0 },
  })
  return g.op('Reshape', [sampled, g.ints([count, rings.length, directions], [3])])
}

const circle = (radius: number): number[] =>
  Array.from({ length: directions }, (_, i) => {
    const angle = (2 * Math.PI * i) / directions
    return [radius * tidy(Math.cos(angle)), radius * tidy(Math.sin(angle))]
  }).flat()

/** Sine and cosine differ in their last bit between engines. */
const tidy = (value: number): number => Math.round(value * 1e6) / 1e6

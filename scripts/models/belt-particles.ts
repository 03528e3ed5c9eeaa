/**
 * The particle detector: finds bright and dark discs, and puts out what YOLOv8 does, [1, 4 + classes, candidates].
 *
 * Blob filters in two octaves, at a half and a quarter of the picture, propose peaks; each is asked whether it stands out
 * as a disc does, and gives way where a better one overlaps it.
 */
import { OnnxGraph, type Value } from '../../src/workers/inference/onnx-graph.ts'
import { discContrast } from './particle-contrast.ts'
import { type Peaks, findPeaks } from './particle-peaks.ts'

const side = 640
const peaksPerOctave = 150
const count = 2 * peaksPerOctave

/** The contrast at which the score is a half, and how fast the score rises there. The faintest particle has 18 of 255 levels. */
const halfContrast = 6 / 255
const contrastSlope = 1.25 * 255
/** More contrast than this makes no candidate better. */
const fullContrast = 14 / 255
/** Candidates closer than this, in radii of the larger, are one particle. */
const sameWithin = 0.95

export function makeBeltParticles(): Uint8Array {
  const g = new OnnxGraph()
  const half = halve(g, g.op('ReduceMean', ['images'], { axes: [1], keepdims: { int: 1 } }))
  const fine = findPeaks(g, half, side, 2, peaksPerOctave)
  const coarse = findPeaks(g, halve(g, half), side, 4, peaksPerOctave)
  const both = (key: keyof Peaks) => g.op('Concat', [fine[key], coarse[key]], { axis: { int: 0 } })
  const peaks: Peaks = {
    x: both('x'),
    y: both('y'),
    radius: both('radius'),
    strength: both('strength'),
    sign: both('sign'),
  }
  const contrast = discContrast(g, half, side, count, peaks)
  g.output('output0', rows(g, peaks, g.op('Mul', [scoreOf(g, contrast, peaks), isBest(g, contrast, peaks)])))
  return g.encode({
    name: 'belt-particles',
    inputs: [{ name: 'images', dims: [1, 3, side, side] }],
    outputs: [{ name: 'output0', dims: [1, 6, count] }],
    metadata: {
      description: 'Bright and dark particles with a radius of 3 to 12 px on a belt',
      task: 'detect',
      names: "{0: 'bright', 1: 'dark'}",
      stride: '2',
      imgsz: `[${side}, ${side}]`,
      batch: '1',
    },
  })
}

const halve = (g: OnnxGraph, picture: Value): Value =>
  g.op('AveragePool', [picture], { kernel_shape: [2, 2], strides: [2, 2] })

function scoreOf(g: OnnxGraph, contrast: Value, { strength }: Peaks): Value {
  const logit = g.op('Mul', [g.op('Sub', [contrast, g.floats(halfContrast)]), g.floats(contrastSlope)])
  return g.op('Mul', [g.op('Sigmoid', [logit]), number(g, g.op('Greater', [strength, g.floats(0)]))])
}

/** 1 for a candidate that is the best of those it overlaps, else 0: so two discs that touch do not yield a third between them. */
function isBest(g: OnnxGraph, contrast: Value, { x, y, radius, strength }: Peaks): Value {
  const pairs = (value: Value): [Value, Value] => [
    g.op('Reshape', [value, g.ints([count, 1], [2])]),
    g.op('Reshape', [value, g.ints([1, count], [2])]),
  ]
  const squared = (value: Value) => g.op('Mul', [value, value])
  const distance = g.op('Add', [squared(g.op('Sub', pairs(x))), squared(g.op('Sub', pairs(y)))])
  const isNear = g.op('Less', [distance, squared(g.op('Mul', [g.op('Max', pairs(radius)), g.floats(sameWithin)]))])
  const merit = g.op('Mul', [g.op('Clip', [contrast, g.floats(0), g.floats(fullContrast)]), strength])
  const isBeaten = number(g, g.op('And', [isNear, g.op('Less', pairs(merit))]))
  return g.op('Sub', [g.floats(1), g.op('ReduceMax', [isBeaten], { axes: [1], keepdims: { int: 0 } })])
}

/** Lines cx, cy, w, h, bright, dark of all candidates. */
function rows(g: OnnxGraph, { x, y, radius, sign }: Peaks, score: Value): Value {
  const size = g.op('Mul', [radius, g.floats(2)])
  const scoreIf = (wanted: number) => g.op('Where', [g.op('Equal', [sign, g.floats(wanted)]), score, g.floats(0)])
  const line = (value: Value) => g.op('Reshape', [value, g.ints([1, 1, count], [3])])
  return g.op('Concat', [x, y, size, size, scoreIf(1), scoreIf(-1)].map(line), { axis: { int: 1 } })
}

const number = (g: OnnxGraph, truth: Value): Value => g.op('Cast', [truth], { to: { int: 1 } })

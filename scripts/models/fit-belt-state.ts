/**
 * Finds the weights of the belt-state classifier on belts of its own (seeds from 1001) and prints them, to be copied into belt-state.ts.
 *
 * Run: node --import tsx scripts/models/fit-belt-state.ts
 */
import ort from 'onnxruntime-node'
import { type BeltState, createBelt } from '../../src/workers/belt/scene.ts'
import { type Logistic, beltStateSide, makeBeltStateFeatures } from './belt-state.ts'
import { createModelInput } from './model-input.ts'

interface Sample {
  readonly state: BeltState
  readonly change: number
  readonly load: number
}

const belts = [
  { seed: 1001, width: 640, height: 640, rate: 15 },
  { seed: 1002, width: 640, height: 640, rate: 30 },
  { seed: 1003, width: 640, height: 480, rate: 15 },
  { seed: 1004, width: 640, height: 480, rate: 30 },
  { seed: 1005, width: 1280, height: 720, rate: 10 },
  { seed: 1006, width: 640, height: 640, rate: 5 },
]
const framesPerBelt = 120

const samples = await measure()
const running = samples.filter(({ state }) => state !== 'stopped')
const weights = {
  runs: fit(samples.map(({ change, state }) => ({ feature: change, isTrue: state !== 'stopped' }))),
  carries: fit(running.map(({ load, state }) => ({ feature: load, isTrue: state === 'moving' }))),
}
console.log(`${samples.length} pairs of frames`, weights)

async function measure(): Promise<Sample[]> {
  const session = await ort.InferenceSession.create(makeBeltStateFeatures(), { intraOpNumThreads: 1 })
  const found: Sample[] = []
  for (const options of belts) {
    const belt = createBelt(options)
    const input = await createModelInput(options, { width: beltStateSide, height: beltStateSide }, 2)
    const [before, now] = [options, options].map(({ width, height }) => new Uint8Array(width * height * 3)) as [
      Uint8Array,
      Uint8Array,
    ]
    const cycleFrames = 15 * options.rate
    for (let i = 1; i <= framesPerBelt; i++) {
      const frame = Math.round((i * 3 * cycleFrames) / framesPerBelt)
      belt.draw(frame - 1, before)
      const { state } = belt.draw(frame, now)
      const images = await input(before, now)
      const [change = NaN, load = NaN] = (await session.run({ images }))['output0']?.data as Float32Array
      found.push({ state, change, load })
    }
  }
  return found
}

/** Logistic regression by gradient descent, held back a little so that classes that separate wholly don't ask for an endless slope. */
function fit(points: readonly { readonly feature: number; readonly isTrue: boolean }[]): Logistic {
  const shrink = 1e-3
  const step = 0.2
  let slope = 1
  let offset = 0
  for (let round = 0; round < 50_000; round++) {
    let slopeGradient = shrink * slope
    let offsetGradient = 0
    for (const { feature, isTrue } of points) {
      const error = 1 / (1 + Math.exp(-(slope * feature + offset))) - (isTrue ? 1 : 0)
      slopeGradient += (error * feature) / points.length
      offsetGradient += error / points.length
    }
    slope -= step * slopeGradient
    offset -= step * offsetGradient
  }
  return { slope: Number(slope.toPrecision(3)), offset: Number(offset.toPrecision(3)) }
}

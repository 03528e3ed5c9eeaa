import { readFileSync } from 'node:fs'
import ort from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeBeltParticles } from '../../scripts/models/belt-particles.ts'
import { makeBeltState } from '../../scripts/models/belt-state.ts'
import { createModelInput } from '../../scripts/models/model-input.ts'
import type { PictureSize } from '../../src/domain/frame.ts'
import { readDetectionRows } from '../../src/domain/detection-rows.ts'
import type { Particle } from '../../src/workers/belt/load.ts'
import { type BeltState, createBelt } from '../../src/workers/belt/scene.ts'
import { createSuppression } from '../../src/workers/inference/end-to-end.ts'
import { type Found, matchParticles } from './match-particles.ts'

const square: PictureSize = { width: 640, height: 640 }
const committed = (file: string) => new URL(`../../models/${file}`, import.meta.url)
const open = (file: string) =>
  ort.InferenceSession.create(readFileSync(committed(file)), { intraOpNumThreads: 1, interOpNumThreads: 1 })

async function outputOf(session: ort.InferenceSession, images: ort.Tensor): Promise<ort.Tensor> {
  const { output0 } = await session.run({ images })
  if (output0 === undefined) throw new Error('the model has no output0')
  return output0
}

/** What the detector finds in a picture, in the pixels of its input. */
async function openDetector(): Promise<(images: ort.Tensor) => Promise<Found[]>> {
  const detector = await open('belt-particles.onnx')
  const suppress = await createSuppression({ name: 'output0', dims: [1, 6, 'N'], layout: 'v8', classes: 2 })
  return async (images) => {
    const raw = await outputOf(detector, images)
    const { data, dims } = await suppress(raw, { scoreThreshold: 0.5, iouThreshold: 0.45 })
    return readDetectionRows(data as Float32Array, dims, 0.5).map(({ x, y, width, height, classIndex }) => ({
      x: x + width / 2,
      y: y + height / 2,
      polarity: classIndex === 0 ? 'bright' : 'dark',
    }))
  }
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`
const share = (part: readonly Particle[], of: readonly Particle[]) => part.length / (part.length + of.length)

const touchesAnother = (one: Particle, all: readonly Particle[]) =>
  all.some((other) => other !== one && Math.hypot(one.x - other.x, one.y - other.y) < one.radius + other.radius + 1)

describe('the bundled models', () => {
  it.each([
    { file: 'belt-particles.onnx', make: makeBeltParticles },
    { file: 'belt-state.onnx', make: () => makeBeltState() },
  ])('$file is what scripts/models/make-models.ts makes', ({ file, make }) => {
    expect(Buffer.compare(readFileSync(committed(file)), make())).toBe(0)
  })
})

describe('the particle detector on 500 frames of ten belts that it was not made on', () => {
  const seeds = [2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009, 2010]
  const framesPerSeed = 50
  const found: Particle[] = []
  const missed: Particle[] = []
  const touchingFound: Particle[] = []
  const touchingMissed: Particle[] = []
  let wrong = 0
  let frames = 0

  beforeAll(async () => {
    const detect = await openDetector()
    const input = await createModelInput(square, square, 1)
    const picture = new Uint8Array(square.width * square.height * 3)
    for (const seed of seeds) {
      const belt = createBelt({ ...square, seed, rate: 15 })
      for (let i = 0; i < framesPerSeed; i++) {
        const truth = belt.draw(i * 9, picture)
        const matching = matchParticles(truth, await detect(await input(picture)))
        const touching = (one: Particle) => touchesAnother(one, truth.particles)
        found.push(...matching.found)
        missed.push(...matching.missed)
        touchingFound.push(...matching.found.filter(touching))
        touchingMissed.push(...matching.missed.filter(touching))
        wrong += matching.wrong.length
        frames++
      }
    }
    console.log(
      `belt-particles: ${found.length + missed.length} particles in ${frames} frames,`,
      `precision ${percent(found.length / (found.length + wrong))}, recall ${percent(share(found, missed))}`,
      `(of the ${touchingFound.length + touchingMissed.length} that touch another ${percent(share(touchingFound, touchingMissed))})`,
    )
  }, 300_000)

  it('sees at least 5000 particles there, a tenth of them touching another, radii from 3 to 12 px', () => {
    const radii = [...found, ...missed].map(({ radius }) => radius)
    expect(frames).toBe(500)
    expect(radii.length).toBeGreaterThan(5000)
    expect(touchingFound.length + touchingMissed.length).toBeGreaterThan(radii.length / 10)
    expect(Math.min(...radii)).toBeLessThan(3.2)
    expect(Math.max(...radii)).toBeGreaterThan(11.8)
  })

  it('is right in at least 95 of 100 detections', () => {
    expect(found.length / (found.length + wrong)).toBeGreaterThanOrEqual(0.95)
  })

  it('finds at least 95 of 100 particles', () => {
    expect(share(found, missed)).toBeGreaterThanOrEqual(0.95)
  })

  it('finds at least 90 of 100 that touch another', () => {
    expect(share(touchingFound, touchingMissed)).toBeGreaterThanOrEqual(0.9)
  })
})

describe('the particle detector on a picture that is letter-boxed', () => {
  it('finds the particles of a 640x480 belt 80 px further down, and nothing on the bars', async () => {
    const size: PictureSize = { width: 640, height: 480 }
    const detect = await openDetector()
    const input = await createModelInput(size, square, 1)
    const picture = new Uint8Array(size.width * size.height * 3)
    const belt = createBelt({ ...size, seed: 2011, rate: 15 })
    const sum = { found: 0, missed: 0, onBars: 0 }
    for (let frame = 0; frame < 40; frame += 8) {
      const truth = belt.draw(frame, picture)
      const detections = (await detect(await input(picture))).map((one) => ({ ...one, y: one.y - 80 }))
      const { found, missed } = matchParticles(truth, detections)
      sum.found += found.length
      sum.missed += missed.length
      sum.onBars += detections.filter(({ y }) => y < 0 || y > size.height).length
    }
    expect(sum.found).toBeGreaterThan(40)
    expect(sum).toEqual({ found: sum.found, missed: 0, onBars: 0 })
  })
})

describe('the particle detector on a plain picture', () => {
  it.each([0, 114, 255])('sees nothing where every pixel is %i', async (level) => {
    const detect = await openDetector()
    const input = await createModelInput(square, square, 1)
    expect(await detect(await input(new Uint8Array(640 * 640 * 3).fill(level)))).toEqual([])
  })
})

describe('the belt-state classifier on 500 pairs of frames of ten belts that it was not made on', () => {
  const labels: readonly BeltState[] = ['moving', 'stopped', 'empty']
  const seeds = [2101, 2102, 2103, 2104, 2105, 2106, 2107, 2108, 2109, 2110]
  const right = { moving: 0, stopped: 0, empty: 0 }
  const seen = { moving: 0, stopped: 0, empty: 0 }
  let sums: number[] = []

  beforeAll(async () => {
    const classifier = await open('belt-state.onnx')
    const input = await createModelInput(square, { width: 160, height: 160 }, 2)
    const before = new Uint8Array(640 * 640 * 3)
    const now = new Uint8Array(640 * 640 * 3)
    for (const [index, seed] of seeds.entries()) {
      // At 30 frames/s the belt comes half as far between two frames.
      const rate = index % 2 === 0 ? 15 : 30
      const belt = createBelt({ ...square, seed, rate })
      for (let i = 1; i <= 50; i++) {
        const frame = (i * 9 * rate) / 15
        belt.draw(frame - 1, before)
        const { state } = belt.draw(frame, now)
        const scores = [...((await outputOf(classifier, await input(before, now))).data as Float32Array)]
        seen[state]++
        if (labels[scores.indexOf(Math.max(...scores))] === state) right[state]++
        sums = [...sums, scores.reduce((sum, score) => sum + score, 0)]
      }
    }
    const each = labels.map((label) => `${label} ${right[label]} of ${seen[label]}`).join(', ')
    console.log(`belt-state: accuracy ${percent((right.moving + right.stopped + right.empty) / 500)} (${each})`)
  }, 300_000)

  it('names at least 95 of 100 rightly', () => {
    expect(seen.moving + seen.stopped + seen.empty).toBe(500)
    expect((right.moving + right.stopped + right.empty) / 500).toBeGreaterThanOrEqual(0.95)
  })

  it.each(labels)('names at least 90 of 100 rightly that are %s', (label) => {
    expect(seen[label]).toBeGreaterThan(50)
    expect(right[label] / seen[label]).toBeGreaterThanOrEqual(0.9)
  })

  it('gives scores that add up to 1', () => {
    for (const sum of sums) expect(sum).toBeCloseTo(1, 5)
  })
})

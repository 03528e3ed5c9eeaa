import { describe, expect, it } from 'vitest'
import { loadOfSlab } from '../../../src/workers/belt/load.ts'
import { type BeltOptions, type BeltTruth, createBelt } from '../../../src/workers/belt/scene.ts'
import { beltGrey, beltNoiseSigma } from '../../../src/workers/belt/surface.ts'

const options: BeltOptions = { seed: 5, width: 640, height: 640, rate: 15 }
const cycleFrames = 15 * options.rate

function drawn(frame: number, of: BeltOptions = options): { truth: BeltTruth; pixels: Uint8Array } {
  const pixels = new Uint8Array(of.width * of.height * 3)
  return { truth: createBelt(of).draw(frame, pixels), pixels }
}

/** Frames 0 to `count - 1` of one belt: the truth of each. */
function truths(count: number, of: BeltOptions = options): BeltTruth[] {
  const belt = createBelt(of)
  const pixels = new Uint8Array(of.width * of.height * 3)
  return Array.from({ length: count }, (_, frame) => belt.draw(frame, pixels))
}

/** Mean and standard deviation of what changed from one picture to the other. */
function change(from: Uint8Array, to: Uint8Array): { mean: number; deviation: number } {
  let sum = 0
  let squares = 0
  for (let i = 0; i < from.length; i += 3) {
    const difference = (to[i] ?? 0) - (from[i] ?? 0)
    sum += difference
    squares += difference ** 2
  }
  const count = from.length / 3
  const mean = sum / count
  return { mean, deviation: Math.sqrt(squares / count - mean ** 2) }
}

describe('one frame of a belt', () => {
  it('is the same whichever frames were drawn before, and by whichever belt of that seed', () => {
    const belt = createBelt(options)
    const pixels = new Uint8Array(640 * 640 * 3)
    for (const frame of [90, 3, 41]) belt.draw(frame, pixels)
    const truth = belt.draw(12, pixels)
    expect({ truth, same: Buffer.compare(pixels, drawn(12).pixels) }).toEqual({ truth: drawn(12).truth, same: 0 })
  })

  it('differs with the seed', () => {
    expect(drawn(12, { ...options, seed: 6 }).truth.particles).not.toEqual(drawn(12).truth.particles)
  })

  it('is grey: its three channels are equal', () => {
    const { pixels } = drawn(0)
    expect(pixels.every((level, i) => level === pixels[i % (640 * 640)])).toBe(true)
  })

  it.each([-1, 1])('is refused a target that is %i byte off its size', (off) => {
    const target = new Uint8Array(640 * 640 * 3 + off)
    expect(() => createBelt(options).draw(0, target)).toThrow(
      `A 640x640 belt needs 1228800 bytes, got ${1228800 + off}`,
    )
  })
})

describe('the particles of a belt', () => {
  const all = truths(cycleFrames)

  it('have radii from 3 to 12 px, of both polarities, and some touch another', () => {
    const particles = all.flatMap(({ particles }) => particles)
    const radii = particles.map(({ radius }) => radius)
    const bright = particles.filter(({ polarity }) => polarity === 'bright').length
    const gaps = all.flatMap(({ particles: [...one] }) =>
      one.flatMap((a, i) => one.slice(i + 1).map((b) => Math.hypot(a.x - b.x, a.y - b.y) - a.radius - b.radius)),
    )
    expect(Math.min(...radii)).toBeGreaterThanOrEqual(3)
    expect(Math.max(...radii)).toBeLessThanOrEqual(12)
    expect(bright / particles.length).toBeGreaterThan(0.3)
    expect(bright / particles.length).toBeLessThan(0.7)
    // Either they touch or there is clear belt between them.
    expect(gaps.filter((gap) => Math.abs(gap) < 1e-6).length).toBeGreaterThan(50)
    expect(gaps.filter((gap) => Math.abs(gap) >= 1e-6 && gap < 5)).toEqual([])
  })

  it('are whole in the picture, or are listed as cut by its upper or lower edge', () => {
    const { height } = options
    for (const { particles, cut } of all) {
      expect(particles.filter(({ y, radius }) => y < radius || y > height - radius)).toEqual([])
      expect(cut.filter(({ y, radius }) => y >= radius && y <= height - radius)).toEqual([])
    }
    expect(all.flatMap(({ cut }) => cut).length).toBeGreaterThan(10)
  })

  it('stand out from the belt by 3 to 8 sigmas of the noise, in their own direction', () => {
    const { truth, pixels } = drawn(0)
    const levels = truth.particles.map(({ x, y, radius, polarity }) => {
      let sum = 0
      let count = 0
      for (let row = Math.ceil(y - radius); row < y + radius; row++) {
        for (let column = Math.ceil(x - radius); column < x + radius; column++) {
          if (Math.hypot(column + 0.5 - x, row + 0.5 - y) > radius - 1) continue
          sum += pixels[row * 640 + column] ?? 0
          count++
        }
      }
      return ((sum / count - beltGrey) * (polarity === 'bright' ? 1 : -1)) / beltNoiseSigma
    })
    // The texture moves them by up to 10 levels, and the noise of a small one by a few.
    expect(levels.length).toBeGreaterThan(5)
    expect(Math.min(...levels)).toBeGreaterThan(3 - 2.5)
    expect(Math.max(...levels)).toBeLessThan(8 + 2.5)
  })
})

describe('the state of a belt', () => {
  const states = truths(4 * cycleFrames).map(({ state }) => state)
  const count = (state: string) => states.filter((each) => each === state).length

  it('is stopped for 3 of every 15 seconds', () => {
    expect(count('stopped')).toBe(4 * 3 * options.rate)
  })

  it('is both moving and empty for a good part of the rest', () => {
    expect(count('moving')).toBeGreaterThan(2 * count('stopped'))
    expect(count('empty')).toBeGreaterThan(count('stopped') / 2)
  })

  it('is loaded over the whole of the first picture, so that a new camera shows something', () => {
    const loads = Array.from({ length: 200 }, (_, seed) =>
      [0, 1, 2, 3].map((slab) => loadOfSlab(seed, slab, 640, 1).length),
    )
    expect(Math.min(...loads.flat())).toBeGreaterThan(0)
  })

  it('is stopped exactly where nothing but noise changes from the frame before', () => {
    const stop = states.indexOf('stopped')
    const [before, first, second] = [stop - 1, stop, stop + 1].map((frame) => drawn(frame))
    expect(before?.truth.particles).toEqual(first?.truth.particles)
    expect(second?.truth.particles).toEqual(first?.truth.particles)
    const { mean, deviation } = change(first?.pixels ?? new Uint8Array(), second?.pixels ?? new Uint8Array())
    expect(Math.abs(mean)).toBeLessThan(0.1)
    // Two frames' noise, independent: sqrt(2) of one's.
    expect(deviation / (Math.SQRT2 * beltNoiseSigma)).toBeCloseTo(1, 1)
  })

  it('has its texture and particles 16 px further down from one frame to the next where it runs at 15 frames/s', () => {
    const [one, next] = [drawn(0), drawn(1)]
    const rowBytes = 640
    const moved = change(one.pixels.subarray(0, 600 * rowBytes), next.pixels.subarray(16 * rowBytes, 616 * rowBytes))
    expect(moved.deviation / (Math.SQRT2 * beltNoiseSigma)).toBeCloseTo(1, 1)
    const [particle] = one.truth.particles.filter(({ y }) => y < 600)
    expect(next.truth.particles).toContainEqual({ ...particle, y: (particle?.y ?? 0) + 16 })
  })

  it('is empty only where no particle has its centre in the picture', () => {
    for (const { state, particles } of truths(cycleFrames)) if (state === 'empty') expect(particles).toEqual([])
  })
})

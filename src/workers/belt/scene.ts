/**
 * A synthetic conveyor belt, whose truth is known: noise, texture, bright and dark particles, stops and empty stretches.
 *
 * Every frame follows from the seed and its number alone, so frames may be drawn in any order and by any thread.
 */
import { type BeltParticle, type Particle, loadOfSlab, slabPx } from './load.ts'
import { createMotion } from './motion.ts'
import { createNoisePool, createTexture } from './surface.ts'

export interface BeltOptions {
  /** A whole number; another seed is another belt. */
  readonly seed: number
  readonly width: number
  readonly height: number
  /** Frames per second: how far the belt comes from one frame to the next follows from it. */
  readonly rate: number
}

/**
 * What is visible in a frame and the one before it, in this order:
 * `stopped` the belt hasn't moved since the frame before, loaded or not; `empty` it runs and no particle's centre is in the picture; `moving` it runs loaded.
 */
export type BeltState = 'moving' | 'stopped' | 'empty'

export interface BeltTruth {
  readonly state: BeltState
  /** The particles that are whole in the picture: every one that a detector should find. Centres and radii in pixels; pixel (0, 0) spans 0 to 1. */
  readonly particles: readonly Particle[]
  /** The particles that the upper or lower edge of the picture cuts: to find one or not to find it is neither right nor wrong. */
  readonly cut: readonly Particle[]
}

export interface Belt {
  /**
   * Draws frame `frame` (a whole number, 0 or more) into `target`, which holds exactly width * height * 3 bytes: planes of red, green and blue.
   * The picture is grey, as an industrial camera's: all three channels are equal.
   */
  draw(frame: number, target: Uint8Array): BeltTruth
}

export function createBelt({ seed, width, height, rate }: BeltOptions): Belt {
  const scale = Math.max(width, height) / 640
  const noise = createNoisePool(seed, width)
  const texture = createTexture(seed, width, scale)
  const travel = createMotion(seed, rate, scale)

  const visible = (frame: number): BeltParticle[] => {
    const slab = slabPx * scale
    const top = -travel(frame)
    const found: BeltParticle[] = []
    for (let index = Math.floor(top / slab); index * slab < top + height; index++) {
      for (const lying of loadOfSlab(seed, index, width, scale)) {
        const y = index * slab + lying.y - top
        if (y > -lying.radius && y < height + lying.radius) found.push({ ...lying, y })
      }
    }
    return found
  }

  const drawBelt = (frame: number, target: Uint8Array): void => {
    const { samples } = noise
    const { levels, rows } = texture
    const top = -travel(frame)
    let out = 0
    for (let y = 0; y < height; y++) {
      const row = ((((top + y) % rows) + rows) % rows) * width
      const offset = noise.offset(frame, y)
      for (let x = 0; x < width; x++) {
        // Belt, noise and particle together stay within 1 to 254 by their limits, so nothing is clipped.
        const level = (levels[row + x] ?? 0) + (samples[offset + x] ?? 0)
        target[out++] = level
      }
    }
  }

  const drawParticle = (one: BeltParticle, target: Uint8Array): void => {
    const reach = one.radius + 1
    const lastX = Math.min(width - 1, Math.ceil(one.x + reach))
    const lastY = Math.min(height - 1, Math.ceil(one.y + reach))
    for (let y = Math.max(0, Math.floor(one.y - reach)); y <= lastY; y++) {
      for (let x = Math.max(0, Math.floor(one.x - reach)); x <= lastX; x++) {
        const distance = Math.sqrt((x + 0.5 - one.x) ** 2 + (y + 0.5 - one.y) ** 2)
        const coverage = Math.min(1, Math.max(0, one.radius + 0.5 - distance))
        const out = y * width + x
        target[out] = (target[out] ?? 0) + Math.round(coverage * one.levels)
      }
    }
  }

  const stateOf = (frame: number, seen: readonly Particle[]): BeltState => {
    if (travel(frame) === travel(frame - 1)) return 'stopped'
    return seen.some(({ y }) => y >= 0 && y < height) ? 'moving' : 'empty'
  }

  return {
    draw(frame, target) {
      if (target.length !== width * height * 3) {
        throw new RangeError(`A ${width}x${height} belt needs ${width * height * 3} bytes, got ${target.length}`)
      }
      drawBelt(frame, target)
      const seen = visible(frame)
      for (const one of seen) drawParticle(one, target)
      const plane = width * height
      target.copyWithin(plane, 0, plane)
      target.copyWithin(2 * plane, 0, plane)
      const isWhole = ({ y, radius }: Particle) => y >= radius && y <= height - radius
      const plain = ({ x, y, radius, polarity }: Particle): Particle => ({ x, y, radius, polarity })
      return {
        state: stateOf(frame, seen),
        particles: seen.filter(isWhole).map(plain),
        cut: seen.filter((one) => !isWhole(one)).map(plain),
      }
    },
  }
}

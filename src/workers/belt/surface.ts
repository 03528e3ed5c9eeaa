import { letterboxGrey } from '../../domain/fitting.ts'
import { mix, sequence } from './random.ts'

/** Standard deviation of the noise of one pixel, in grey levels of 255. It is drawn anew in every frame. */
export const beltNoiseSigma = 6

/** Grey level of the belt without texture and noise: what letter-boxing pads with, so that a padded picture has no edge there. */
export const beltGrey = letterboxGrey

/** The belt's own texture stays within this many grey levels of `beltGrey`. */
const textureAmplitude = 10
const textureCellPx = 40
const noiseLimit = 4 * beltNoiseSigma
const noiseSamples = 1 << 18

/** Noise to be read from any offset: each row of each frame takes `width` samples from a place of its own. */
export interface NoisePool {
  readonly samples: Int8Array
  /** The first of `width` samples for this row of this frame. */
  offset(frame: number, row: number): number
}

export function createNoisePool(seed: number, width: number): NoisePool {
  const next = sequence(mix(seed, 1))
  const samples = new Int8Array(noiseSamples + width)
  for (let i = 0; i < samples.length; i++) {
    // Twelve uniform numbers have variance 1. No logarithm or cosine, whose last bit may differ between engines.
    let sum = -6
    for (let k = 0; k < 12; k++) sum += next()
    samples[i] = Math.max(-noiseLimit, Math.min(noiseLimit, Math.round(sum * beltNoiseSigma)))
  }
  return { samples, offset: (frame, row) => mix(seed, frame, row) & (noiseSamples - 1) }
}

/** Grey levels of the bare belt, `rows` of `width`; it repeats after `rows` without a seam. */
export interface BeltTexture {
  readonly rows: number
  readonly levels: Uint8Array
}

/** Value noise: random levels on a grid of `textureCellPx * scale`, smoothly interpolated. */
export function createTexture(seed: number, width: number, scale: number): BeltTexture {
  const cell = textureCellPx * scale
  const cellsDown = 32
  const rows = Math.round(cellsDown * cell)
  const cellsAcross = Math.ceil(width / cell) + 2
  const next = sequence(mix(seed, 2))
  const grid = Float64Array.from({ length: cellsDown * cellsAcross }, () => (2 * next() - 1) * textureAmplitude)
  const levels = new Uint8Array(rows * width)
  for (let y = 0; y < rows; y++) {
    const v = (y * cellsDown) / rows
    const top = Math.floor(v) * cellsAcross
    const bottom = ((Math.floor(v) + 1) % cellsDown) * cellsAcross
    const down = smooth(v - Math.floor(v))
    for (let x = 0; x < width; x++) {
      const u = Math.floor(x / cell)
      const across = smooth(x / cell - u)
      const upper = blend(grid[top + u] ?? 0, grid[top + u + 1] ?? 0, across)
      const lower = blend(grid[bottom + u] ?? 0, grid[bottom + u + 1] ?? 0, across)
      levels[y * width + x] = beltGrey + Math.round(blend(upper, lower, down))
    }
  }
  return { rows, levels }
}

const blend = (a: number, b: number, t: number): number => a + (b - a) * t
const smooth = (t: number): number => t * t * (3 - 2 * t)

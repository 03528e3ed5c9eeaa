import { mix, sequence } from './random.ts'
import { beltNoiseSigma } from './surface.ts'

export type Polarity = 'bright' | 'dark'

/** A flat disc on the belt; lengths in pixels. */
export interface Particle {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly polarity: Polarity
}

/** A particle and how far it stands out, in grey levels, signed. */
export interface BeltParticle extends Particle {
  readonly levels: number
}

/** Of the particles, in pixels of a picture whose longer side is 640. */
const particleRadiusPx = { min: 3, max: 12 }

/** Contrast against the belt in sigmas of the noise. */
const particleContrast = { min: 3, max: 8 }

/** The belt is loaded in slabs across its whole width; particles lie whole within their slab. */
export const slabPx = 160

/** Every load cycle has one bare stretch, longer than a picture is high, so that the belt is seen running empty. */
const loadCycleSlabs = 18
const bareSlabs = 8
const earliestBareSlab = 4

/** Clear belt between particles that do not touch, and to the edges of the belt. */
const gapPx = 5
const pairShare = 0.2
const placesPerSlab = { min: 4, max: 7 }
const attemptsPerPlace = 8

/** What lies on slab `index`: `y` counts from the slab's upper edge. `scale` is the picture's longer side over 640. */
export function loadOfSlab(seed: number, index: number, width: number, scale: number): BeltParticle[] {
  const cycle = Math.floor(index / loadCycleSlabs)
  const bareFrom = earliestBareSlab + (mix(seed, cycle, 3) % (loadCycleSlabs - bareSlabs - earliestBareSlab + 1))
  const place = index - cycle * loadCycleSlabs
  if (place >= bareFrom && place < bareFrom + bareSlabs) return []
  const next = sequence(mix(seed, index, 4))
  const between = (low: number, high: number) => low + (high - low) * next()
  const radius = () => between(particleRadiusPx.min, particleRadiusPx.max) * scale
  const lying: BeltParticle[] = []
  const places = Math.floor(between(placesPerSlab.min, placesPerSlab.max + 1))
  for (let attempt = 0; attempt < places * attemptsPerPlace && attempt < 64; attempt++) {
    const contrast = between(particleContrast.min, particleContrast.max)
    const polarity = next() < 0.5 ? 'bright' : 'dark'
    const one = particle(between(0, width), between(0, slabPx * scale), radius(), polarity, contrast)
    const group =
      next() < pairShare
        ? [one, touching(one, radius(), between(0, 1), next() < 0.8, contrast * between(0.8, 1.25))]
        : [one]
    if (group.every((each) => isClear(each, lying, width, scale))) lying.push(...group)
    if (lying.length >= places) break
  }
  return lying
}

function particle(x: number, y: number, radius: number, polarity: Polarity, contrast: number): BeltParticle {
  return { x, y, radius, polarity, levels: (polarity === 'bright' ? 1 : -1) * contrast * beltNoiseSigma }
}

/** A neighbour whose edge touches the edge of `one`, at the angle of `turn` (0 to 1) of a circle. */
function touching(one: Particle, radius: number, turn: number, alike: boolean, contrast: number): BeltParticle {
  // A point on the circle by rational parametrisation: exact arithmetic in every engine, and any direction.
  const t = 4 * Math.abs(turn - 0.5) - 1
  const side = turn < 0.5 ? 1 : -1
  const distance = one.radius + radius
  const x = one.x + (distance * side * (1 - t * t)) / (1 + t * t)
  const y = one.y + (distance * 2 * t) / (1 + t * t)
  const other = one.polarity === 'bright' ? 'dark' : 'bright'
  return particle(x, y, radius, alike ? one.polarity : other, contrast)
}

function isClear(one: Particle, lying: readonly Particle[], width: number, scale: number): boolean {
  const room = one.radius + gapPx * scale
  if (one.x < room || one.x > width - room || one.y < room || one.y > slabPx * scale - room) return false
  return lying.every((other) => {
    const dx = one.x - other.x
    const dy = one.y - other.y
    return dx * dx + dy * dy >= (room + other.radius) ** 2
  })
}

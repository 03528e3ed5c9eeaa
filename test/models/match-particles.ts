import type { Particle, Polarity } from '../../src/workers/belt/load.ts'
import type { BeltTruth } from '../../src/workers/belt/scene.ts'

/** What a detector says of one particle: its centre in pixels. */
export interface Found {
  readonly x: number
  readonly y: number
  readonly polarity: Polarity
}

/** Truths that were found, detections of nothing, and truths that were missed. */
export interface Matching {
  readonly found: readonly Particle[]
  readonly wrong: readonly Found[]
  readonly missed: readonly Particle[]
}

/**
 * One detection to one particle of its polarity, the nearest pairs first, where the centres are at most half the particle's radius apart.
 * A detection on a particle that the picture's edge cuts counts neither way.
 */
export function matchParticles(truth: BeltTruth, detections: readonly Found[]): Matching {
  const distance = (one: Found, particle: Particle) => Math.hypot(one.x - particle.x, one.y - particle.y)
  const pairs = truth.particles
    .flatMap((particle) => detections.map((one) => ({ particle, one, apart: distance(one, particle) })))
    .filter(({ particle, one, apart }) => one.polarity === particle.polarity && apart <= particle.radius / 2)
    .sort((a, b) => a.apart - b.apart)
  const found = new Set<Particle>()
  const right = new Set<Found>()
  for (const { particle, one } of pairs) {
    if (found.has(particle) || right.has(one)) continue
    found.add(particle)
    right.add(one)
  }
  const onCut = (one: Found) => truth.cut.some((particle) => distance(one, particle) <= particle.radius)
  return {
    found: [...found],
    wrong: detections.filter((one) => !right.has(one) && !onCut(one)),
    missed: truth.particles.filter((particle) => !found.has(particle)),
  }
}

import { describe, expect, it } from 'vitest'
import type { Particle } from '../../src/workers/belt/load.ts'
import type { BeltTruth } from '../../src/workers/belt/scene.ts'
import { matchParticles } from './match-particles.ts'

const bright: Particle = { x: 100, y: 100, radius: 8, polarity: 'bright' }
const cut: Particle = { x: 300, y: 2, radius: 6, polarity: 'dark' }
const truth: BeltTruth = { state: 'moving', particles: [bright], cut: [cut] }

describe('matching detections with the truth', () => {
  it.each([
    { x: 104, polarity: 'bright', found: [bright], wrong: 0, missed: [] },
    { x: 104.01, polarity: 'bright', found: [], wrong: 1, missed: [bright] },
    { x: 100, polarity: 'dark', found: [], wrong: 1, missed: [bright] },
  ] as const)('takes a $polarity one at x $x as $found.length found, $wrong wrong', ({ x, polarity, ...expected }) => {
    const { found, wrong, missed } = matchParticles(truth, [{ x, y: 100, polarity }])
    expect({ found, wrong: wrong.length, missed }).toEqual(expected)
  })

  it('counts a second detection of one particle as wrong, and the nearer one as right', () => {
    const near = { x: 101, y: 100, polarity: 'bright' } as const
    const nearer = { x: 100, y: 100.5, polarity: 'bright' } as const
    expect(matchParticles(truth, [near, nearer])).toEqual({ found: [bright], wrong: [near], missed: [] })
  })

  it.each([
    { y: 8, wrong: 0 },
    { y: 8.01, wrong: 1 },
  ])('has $wrong wrong where one is at y $y, with a particle at y 2 and radius 6 cut by the edge', ({ y, wrong }) => {
    expect(matchParticles(truth, [{ x: 300, y, polarity: 'dark' }]).wrong).toHaveLength(wrong)
  })
})

import { describe, expect, it } from 'vitest'
import { MotionGate } from '../../src/frame-path/motion-gate.ts'
import { sequence } from '../../src/workers/belt/random.ts'
import { createBelt } from '../../src/workers/belt/scene.ts'

const size = { width: 640, height: 480 }
const plane = size.width * size.height

const grey = (level: number): Uint8Array => new Uint8Array(3 * plane).fill(level)

/** A square of another level in all three planes. */
function withSquare(picture: Uint8Array, left: number, top: number, side: number, level: number): Uint8Array {
  const changed = picture.slice()
  for (let channel = 0; channel < 3; channel++) {
    for (let y = top; y < top + side; y++) {
      const start = channel * plane + y * size.width + left
      changed.fill(level, start, start + side)
    }
  }
  return changed
}

/** A gate of 5 levels that has seen `first`. */
function gateAfter(first: Uint8Array): (picture: Uint8Array) => boolean {
  const gate = new MotionGate(size, 5)
  gate.inspected(gate.glance(first))
  return (picture) => gate.isUnchanged(gate.glance(picture))
}

describe('the motion gate', () => {
  it('takes nothing for unchanged before a frame has been inspected', () => {
    const gate = new MotionGate(size, 255)
    expect(gate.isUnchanged(gate.glance(grey(100)))).toBe(false)
  })

  it.each([
    { level: 105, unchanged: true },
    { level: 106, unchanged: false },
    { level: 95, unchanged: true },
    { level: 94, unchanged: false },
  ])('takes $level after 100 for unchanged: $unchanged', ({ level, unchanged }) => {
    expect(gateAfter(grey(100))(grey(level))).toBe(unchanged)
  })

  it.each([
    { left: 0, top: 0 },
    { left: 301, top: 222 },
    { left: 620, top: 460 },
  ])('sees a part of 20x20 pixels at $left, $top', ({ left, top }) => {
    const isUnchanged = gateAfter(grey(100))
    expect(isUnchanged(withSquare(grey(100), left, top, 20, 200))).toBe(false)
    expect(isUnchanged(withSquare(grey(100), left, top, 2, 200))).toBe(true)
  })

  it('works on pictures with fewer pixels than it has points', () => {
    const small = new MotionGate({ width: 5, height: 3 }, 5)
    small.inspected(small.glance(new Uint8Array(45).fill(100)))
    expect(small.isUnchanged(small.glance(new Uint8Array(45).fill(105)))).toBe(true)
    expect(small.isUnchanged(small.glance(new Uint8Array(45).fill(106)))).toBe(false)
  })

  describe.each([{ levels: 2 }, { levels: 6 }, { levels: 12 }])('looking at noise of $levels levels', ({ levels }) => {
    // As many pixels as the gate looks at.
    const seen = { width: 128, height: 128 }
    const random = sequence(levels)
    /** By a sum of twelve, which is as good as normal. */
    const noisy = (): Uint8Array =>
      Uint8Array.from({ length: 3 * seen.width * seen.height }, () => {
        let sum = -6
        for (let draw = 0; draw < 12; draw++) sum += random()
        return Math.round(100 + levels * sum)
      })
    const pictures = Array.from({ length: 20 }, noisy)
    const changed = (threshold: number): number => {
      const gate = new MotionGate(seen, threshold)
      const glances = pictures.map((picture) => gate.glance(picture))
      return glances.filter((glance) => {
        gate.inspected(glance)
        return glances.some((other) => !gate.isUnchanged(other))
      }).length
    }

    it('takes it for nothing new at a threshold of as many levels', () => {
      expect(changed(levels)).toBe(0)
    })

    it('takes each for something new at a quarter of that', () => {
      expect(changed(levels / 4)).toBe(pictures.length)
    })

    it('sees a dark part of 10x10 in it', () => {
      const gate = new MotionGate(seen, levels)
      const [before = grey(0), now = grey(0)] = pictures
      gate.inspected(gate.glance(before))
      const part = now.slice()
      for (let y = 60; y < 70; y++)
        part.fill(20, (seen.height + y) * seen.width + 60, (seen.height + y) * seen.width + 70)
      expect(gate.isUnchanged(gate.glance(part))).toBe(false)
    })
  })

  it('tells a belt that stands from one that runs, in spite of the noise in each picture', () => {
    const belt = createBelt({ seed: 1, ...size, rate: 15 })
    const picture = new Uint8Array(3 * plane)
    let isUnchanged = gateAfter(grey(0))
    const seen = { stopped: 0, moving: 0, mistaken: 0 }
    for (let frame = 0; frame < 400; frame++) {
      const { state } = belt.draw(frame, picture)
      if (state !== 'empty' && frame > 0) {
        if (isUnchanged(picture) !== (state === 'stopped')) seen.mistaken++
        seen[state]++
      }
      isUnchanged = gateAfter(picture)
    }
    expect(seen.mistaken).toBe(0)
    expect(Math.min(seen.stopped, seen.moving)).toBeGreaterThan(10)
  })
})

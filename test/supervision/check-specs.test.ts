import { describe, expect, it } from 'vitest'
import { createSupervisor, run } from '../../src/supervision/index.ts'
import { longestTimer } from '../../src/supervision/spec.ts'

const sound = { initial: 0, factor: 1, max: longestTimer, resetAfter: 0 }
const child = { id: 'camera', start: () => run(createSupervisor({})) }

describe('a back-off', () => {
  it.each([
    { initial: -1 },
    { initial: Number.NaN },
    { max: longestTimer + 1 },
    { factor: 0.9 },
    { resetAfter: -1 },
    { resetAfter: Number.NaN },
    { resetAfter: longestTimer + 1 },
  ])('is refused with %o, whether a child has it or the supervisor, with children or without', (wrong) => {
    const backoff = { ...sound, ...wrong }
    const problem = 'a back-off needs milliseconds and a factor of 1 or more'
    expect(() => createSupervisor({ children: [{ ...child, backoff }] })).toThrow(`camera: ${problem}`)
    expect(() => createSupervisor({ backoff, children: [child] })).toThrow(problem)
    expect(() => createSupervisor({ backoff })).toThrow(problem)
  })

  it('is taken where it is sound', () => {
    createSupervisor({ backoff: sound, children: [{ ...child, backoff: { ...sound, resetAfter: longestTimer } }] })
  })
})

describe("a child's own budget", () => {
  const budget = { intensity: 0, period: 1, retryAfter: 1 }

  it.each([
    { period: 0 }, // it would be sound again at once, and restarted without end
    { retryAfter: 0 }, // it would be tried again without end
    { period: -1 },
    { retryAfter: Number.NaN },
    { retryAfter: longestTimer + 1 },
  ])('is refused with %o', (wrong) => {
    expect(() => createSupervisor({ children: [{ ...child, budget: { ...budget, ...wrong } }] })).toThrow(
      "camera: a budget's period and retryAfter are milliseconds, more than 0",
    )
  })

  it('is taken where it is sound', () => {
    createSupervisor({ children: [{ ...child, budget }] })
  })
})

describe('maxChildren', () => {
  it('holds for the children that a supervisor begins with, and not for a template', () => {
    const children = [child, { ...child, id: 'other' }]
    expect(() => createSupervisor({ maxChildren: 1, children })).toThrow('2 children were given, and maxChildren is 1')
    createSupervisor({ maxChildren: 2, children })
    createSupervisor({ maxChildren: 0, strategy: 'simple_one_for_one', children: [child] })
  })
})

import { describe, expect, it } from 'vitest'
import { backoffDelay } from '../../src/domain/backoff.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'

const schedule = { initial: seconds(5), factor: 2, max: seconds(30), jitter: 0 }

describe('the wait before the next try', () => {
  it.each([
    { failures: 1, wait: 5_000 },
    { failures: 2, wait: 10_000 },
    { failures: 3, wait: 20_000 },
    { failures: 4, wait: 30_000 },
    { failures: 5, wait: 30_000 },
    { failures: 1_000_000, wait: 30_000 },
    { failures: 0, wait: 5_000 },
  ])('is $wait ms after $failures failures', ({ failures, wait }) => {
    expect(backoffDelay(schedule, failures, 0)).toBe(wait)
    expect(backoffDelay(schedule, failures, 0.999)).toBe(wait)
  })

  it.each([
    { jitter: 0.5, random: 0, wait: 10_000 },
    { jitter: 0.5, random: 0.999_999, wait: 5_000 },
    { jitter: 1, random: 0, wait: 10_000 },
    { jitter: 1, random: 0.25, wait: 7_500 },
    { jitter: 1, random: 0.999_999, wait: 0 },
  ])('is $wait ms of 10 s with jitter $jitter at $random', ({ jitter, random, wait }) => {
    expect(backoffDelay({ ...schedule, jitter }, 2, random)).toBe(wait)
  })

  it('is none where the schedule has none', () => {
    const none = { initial: milliseconds(0), factor: 2, max: seconds(30), jitter: 0 }
    expect(backoffDelay(none, 1_000_000, 0)).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { FailureLimiter } from '../../../src/adapters/http/failure-limiter.ts'

function startLimiter() {
  let time = 0
  const limiter = new FailureLimiter(() => time)
  const fail = (times: number, address = '10.0.0.9') => {
    for (let count = 0; count < times; count++) limiter.failed(address)
  }
  return { limiter, fail, pass: (ms: number) => (time += ms) }
}

describe('an address with wrong tokens', () => {
  it.each([
    [4, 0],
    [5, 1_000],
    [6, 2_000],
    [10, 32_000],
    [11, 60_000],
    [500, 60_000],
  ])('waits after %d in a row %d ms', (failures, wait) => {
    const { limiter, fail, pass } = startLimiter()
    fail(failures)
    expect(limiter.wait('10.0.0.9')).toBe(wait)
    pass(wait)
    expect(limiter.wait('10.0.0.9')).toBe(0)
  })

  it('begins anew after a right one, and after ten minutes without any', () => {
    const { limiter, fail, pass } = startLimiter()
    fail(5)
    limiter.succeeded('10.0.0.9')
    fail(4)
    expect(limiter.wait('10.0.0.9')).toBe(0)
    pass(600_001)
    fail(4)
    expect(limiter.wait('10.0.0.9')).toBe(0)
    fail(1)
    expect(limiter.wait('10.0.0.9')).toBe(1_000)
  })

  it.each([
    ['10.0.0.8', 0],
    ['::ffff:10.0.0.9', 1_000],
  ])('is told from %s: that one waits %d ms', (other, wait) => {
    const { limiter, fail } = startLimiter()
    fail(5)
    expect(limiter.wait(other)).toBe(wait)
  })

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', 1_000],
    ['2001:db8::1', '2001:db8:0:0:5::', 1_000],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', 0],
  ])('is the whole network: %s and %s', (address, other, wait) => {
    const { limiter, fail } = startLimiter()
    fail(5, address)
    expect(limiter.wait(other)).toBe(wait)
  })

  it('is forgotten when a thousand others have come since', () => {
    const { limiter, fail } = startLimiter()
    fail(5)
    for (let other = 0; other < 1_000; other++) limiter.failed(`10.1.${other >> 8}.${other & 255}`)
    expect(limiter.wait('10.0.0.9')).toBe(0)
  })
})

import { describe, expect, it } from 'vitest'
import { milliseconds } from '../../src/domain/units.ts'
import { LatencyWindow } from '../../src/frame-path/latency-window.ts'
import { RateMeter } from '../../src/frame-path/rate-meter.ts'

const at = milliseconds

describe('a rate meter', () => {
  it.each([19_500, 19_750, 19_950])(
    'counts over the last steps of half a second, and the time that they cover: %i ms',
    (end) => {
      const meter = new RateMeter()
      for (let ms = 0; ms < end; ms += 50) meter.count(at(ms))
      expect(meter.perSecond(at(end))).toBe(20)
      // The steps from 17 and from 19 s on.
      expect(meter.perSecond(at(21_500))).toBe((end - 17_000) / 50 / 4.5)
      expect(meter.perSecond(at(23_999))).toBe((end - 19_000) / 50 / 4.999)
      expect(meter.perSecond(at(24_500))).toBe(0)
      expect(meter.perSecond(at(1e9))).toBe(0)
    },
  )

  it('takes the time since its first event while that is less, but at least a second', () => {
    const meter = new RateMeter()
    expect(meter.perSecond(at(0))).toBe(0)
    meter.count(at(100_000))
    meter.count(at(100_100))
    expect(meter.perSecond(at(100_100))).toBe(2)
    expect(meter.perSecond(at(102_000))).toBe(1)
  })

  it('starts afresh after a silence of any length', () => {
    const meter = new RateMeter()
    for (let ms = 0; ms < 5000; ms += 100) meter.count(at(ms))
    for (let ms = 60_000; ms < 64_500; ms += 250) meter.count(at(ms))
    expect(meter.perSecond(at(64_500))).toBe(4)
  })
})

describe('a latency window', () => {
  it('has no quantiles before the first sample', () => {
    expect(new LatencyWindow().quantiles(at(0))).toBeUndefined()
  })

  it('gives the median and the 95th percentile by nearest rank', () => {
    const window = new LatencyWindow()
    for (let ms = 100; ms >= 1; ms--) window.add(at(ms), at(0))
    expect(window.quantiles(at(0))).toEqual({ p50: 50, p95: 95 })
    const one = new LatencyWindow()
    one.add(at(7), at(0))
    expect(one.quantiles(at(0))).toEqual({ p50: 7, p95: 7 })
  })

  it('forgets all but the latest 512', () => {
    const window = new LatencyWindow()
    for (let count = 0; count < 512; count++) window.add(at(1000), at(0))
    for (let count = 0; count < 512; count++) window.add(at(5), at(0))
    expect(window.quantiles(at(0))).toEqual({ p50: 5, p95: 5 })
  })

  it('says nothing once nothing has come for a minute, and goes on with what comes then', () => {
    const window = new LatencyWindow()
    window.add(at(40), at(1_000))
    expect(window.quantiles(at(61_000))).toEqual({ p50: 40, p95: 40 })
    expect(window.quantiles(at(61_001))).toBeUndefined()
    window.add(at(60), at(70_000))
    expect(window.quantiles(at(70_000))).toEqual({ p50: 40, p95: 60 })
  })
})

import { describe, expect, it } from 'vitest'
import { epochMs } from '../../src/domain/units.ts'
import { trendKinds, trendSpans } from '../../src/inspection-feed/trend-kinds.ts'
import { TrendRing } from '../../src/inspection-feed/trend-ring.ts'
import { Trends } from '../../src/inspection-feed/trends.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

const dock = 'root/cameras/dock-1'

function follow() {
  const clock = new VirtualClock()
  const trends = new Trends(clock, epochMs(clock.now()))
  return {
    clock,
    trends,
    read: (gauges: Record<string, Record<string, number>>) => trends.take(new Map(Object.entries(gauges))),
    series: (kind: string, span: '1h' | '6h' | '3d' = '1h', from?: number) =>
      trends.answer({ kind, span, ...(from !== undefined && { from }) }).series,
  }
}

describe('a figure that is followed', () => {
  it('is told by buckets of 10 s, with the least, the mean and the greatest of each', () => {
    const { clock, trends, read } = follow()
    for (const fps of [10, 20, 30]) {
      read({ [dock]: { fps } })
      clock.advance(3_000)
    }
    clock.advance(1_000)
    read({ [dock]: { fps: 7.12345 } })
    expect(trends.answer({ kind: 'arrived', span: '1h' })).toEqual({
      ...{ kind: 'arrived', span: '1h', bucketMs: 10_000, startedAt: clock.now() - 10_000, from: 0, leftOut: 0 },
      fromAt: clock.now() - 10_000,
      series: [{ name: 'dock-1', min: [10, 7.123], mean: [20, 7.123], max: [30, 7.123] }],
    })
  })

  it('is told for minutes and for ten minutes as well, of the same readings', () => {
    const { clock, read, series } = follow()
    for (let each = 0; each < 40; each++) {
      read({ [dock]: { fps: each } })
      clock.advance(30_000)
    }
    expect(series('arrived', '6h')[0]?.max.slice(0, 3)).toEqual([1, 3, 5])
    expect(series('arrived', '3d')[0]).toEqual({
      name: 'dock-1',
      min: [0, 20, null],
      mean: [9.5, 29.5, null],
      max: [19, 39, null],
    })
  })

  it('has nothing where nothing was read, and what is older than its span is forgotten', () => {
    const { clock, read, series } = follow()
    read({ [dock]: { fps: 1 } })
    clock.advance(30_000)
    read({ [dock]: { fps: 2 } })
    expect(series('arrived')[0]?.mean).toEqual([1, null, null, 2])
    clock.advance(3_570_000)
    read({ [dock]: { fps: 3 } })
    const [arrived] = series('arrived')
    expect(arrived?.mean.length).toBe(360)
    expect([arrived?.mean[0], arrived?.mean[2], arrived?.mean[359]]).toEqual([null, 2, 3])
    clock.advance(3_600_000)
    expect(series('arrived')).toEqual([])
    expect(series('arrived', '6h')[0]?.mean[0]).toBe(1.5)
  })

  it('is told from a bucket on to who has the others', () => {
    const { clock, read, trends } = follow()
    for (let each = 0; each < 4; each++) {
      read({ [dock]: { fps: each } })
      clock.advance(10_000)
    }
    const { from, fromAt, series } = trends.answer({ kind: 'arrived', span: '1h', from: 2 })
    expect({ from, ago: clock.now() - fromAt, mean: series[0]?.mean }).toEqual({
      from: 2,
      ago: 20_000,
      mean: [2, 3, null],
    })
  })
})

describe('a ring of buckets', () => {
  it('tells nothing of buckets whose places others have taken', () => {
    const ring = new TrendRing(3, 0)
    for (const bucket of [0, 1, 2, 3]) ring.add(bucket, bucket)
    expect(ring.between(0, 5).mean).toEqual([null, 1, 2, 3, null])
  })
})

describe('a counter that is followed', () => {
  it('is told as what it grows by a second, and not across another start of it', () => {
    const { clock, read, series } = follow()
    for (const uploaded of [100, 120, 130, 2, 4]) {
      read({ 'root/uploader': { uploaded, queueSize: 0 } })
      clock.advance(10_000)
    }
    expect(series('delivered')[0]?.mean).toEqual([null, 2, 1, null, 0.2, null])
  })

  it('of what was dropped and failed is told for each camera as one', () => {
    const { clock, read, series } = follow()
    read({ [dock]: { captured: 1, 'dropped.superseded': 1 } })
    clock.advance(10_000)
    read({ [dock]: { captured: 9, 'dropped.superseded': 11, 'failed.timeout': 10 } })
    expect(series('lost')[0]?.mean).toEqual([null, 2])
  })
})

describe('upload lag', () => {
  it('is the age of the oldest file that is not delivered, and 0 where none waits', () => {
    const { clock, read, series } = follow()
    const oldestUndeliveredAt = clock.now()
    clock.advance(90_000)
    read({ 'root/uploader': { uploaded: 0, oldestUndeliveredAt } })
    clock.advance(10_000)
    read({ 'root/uploader': { uploaded: 0 } })
    expect(series('lag')[0]?.mean.slice(-2)).toEqual([90, 0])
  })
})

describe('more parts than are followed', () => {
  it('are left out and counted, and take the places of parts that are gone', () => {
    const { clock, read, trends } = follow()
    const cameras = (from: number, to: number) =>
      Object.fromEntries(
        Array.from({ length: to - from }, (_, index) => [`root/cameras/dock-${from + index}`, { fps: 1 }]),
      )
    read(cameras(0, 501))
    expect(trends.answer({ kind: 'arrived', span: '1h' })).toMatchObject({ series: { length: 500 }, leftOut: 1 })
    clock.advance(20_000)
    read(cameras(400, 501))
    const { series, leftOut } = trends.answer({ kind: 'arrived', span: '1h' })
    expect({ names: series.map(({ name }) => name).slice(-1), count: series.length, leftOut }).toEqual({
      ...{ names: ['dock-500'], count: 101, leftOut: 0 },
    })
  })
})

describe('the spans of trends', () => {
  it('are an hour, six and three days', () => {
    const hours = Object.entries(trendSpans).map(([span, { bucketMs, buckets }]) => [
      span,
      (bucketMs * buckets) / 3_600_000,
    ])
    expect(hours).toEqual([
      ['1h', 1],
      ['6h', 6],
      ['3d', 72],
    ])
  })
})

describe('the kinds of figures', () => {
  it('have names that may stand in an address', () => {
    for (const { name } of trendKinds) expect(name).toMatch(/^[a-z]+$/)
  })
})

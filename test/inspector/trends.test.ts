import { describe, expect, it } from 'vitest'
import { RecordedTrends, recordedTrends } from '../../inspector/src/charts/recorded-trends.ts'
import { dataOf, joined, lastBucket, overBy } from '../../inspector/src/charts/trend-data.ts'
import { namedOf, presentPlace } from '../../inspector/src/charts/legend.ts'
import { alone, withOutages } from '../../inspector/src/charts/outages.ts'
import { moved, zoomed } from '../../inspector/src/charts/zoom.ts'
import { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import { epochMs } from '../../src/domain/units.ts'
import type { TrendAnswer } from '../../src/inspection-feed/trend-protocol.ts'
import { tellStory } from './page-records.ts'

const answer = (from: number, values: readonly (number | null)[], changes: Partial<TrendAnswer> = {}): TrendAnswer => ({
  ...{ kind: 'arrived', span: '1h', bucketMs: 10_000, startedAt: epochMs(1), leftOut: 0 },
  from,
  fromAt: epochMs(1_000_000 + from * 10_000),
  series: [{ name: 'dock-1', min: values, mean: values, max: values }],
  ...changes,
})

describe('an answer that follows on what the page has', () => {
  it('takes the place of the bucket that was still being filled, and goes on from there', () => {
    const before = answer(5, [1, 2, 3])
    expect(lastBucket(before)).toBe(7)
    expect(joined(before, answer(7, [4, 5]))).toEqual(answer(5, [1, 2, 4, 5]))
  })

  it('keeps no more than the span has', () => {
    const before = answer(0, Array<number>(360).fill(1))
    const after = joined(before, answer(359, [2, 3]))
    expect([after.from, after.series[0]?.mean.length, after.series[0]?.mean.at(-1)]).toEqual([1, 360, 3])
  })

  it.each([
    ['of another start', answer(7, [9], { startedAt: epochMs(2) })],
    ['of another span', answer(7, [9], { span: '6h' })],
    ['with a gap before it', answer(9, [9])],
    ['that begins before', answer(4, [9])],
  ])('%s stands alone', (_what, next) => {
    expect(joined(answer(5, [1, 2, 3]), next)).toBe(next)
  })

  it('with a part that is new has nothing of it before', () => {
    const both = [...answer(7, [4]).series, { name: 'dock-2', min: [8], mean: [8], max: [8] }]
    expect(joined(answer(5, [1, 2, 3]), answer(7, [4], { series: both })).series[1]?.mean).toEqual([null, null, 8])
  })
})

describe('what a chart shows of an answer', () => {
  it('holds nothing that came after the moment that is looked at, at the times that the wall clock has for it by now', () => {
    const { moments, series } = dataOf(answer(0, [1, 2, 3]), 29_999)
    expect(moments).toEqual([1_000, 1_010])
    expect(series[0]?.mean).toEqual([1, 2])
  })
})

describe('the buckets of an answer that were over', () => {
  it.each([
    { until: 59_999, over: 0 },
    { until: 60_000, over: 1 },
    { until: 79_999, over: 2 },
    { until: 80_000, over: 3 },
    // It has no more, however late it is: a chart of the present has nothing new to draw.
    { until: 900_000, over: 3 },
    { until: Infinity, over: 3 },
  ])('by $until are $over, whatever the wall clock says', ({ until, over }) => {
    for (const fromAt of [1_000_000, 0].map(epochMs)) expect(overBy(answer(5, [1, 2, 3], { fromAt }), until)).toBe(over)
  })
})

describe('the figures of a recording', () => {
  it('are told reading by reading, those too that have not moved since the one before', () => {
    const { records, say, wait, clock } = tellStory()
    const read = (path: string, values: Record<string, number>) => say(path, { type: 'gauges.read', values })
    const begin = clock.now()
    read('root/cameras/dock-1', { fps: 10 })
    read('root/uploader', { uploaded: 4, queueSize: 2, oldestUndeliveredAt: begin - 5_000 })
    wait(2_000)
    read('root/cameras/dock-1', { fps: 12 })
    wait(2_000)
    read('root/cameras/dock-1', { fps: 14 })
    const trends = recordedTrends({ before: [], records })
    expect(trends.get('arrived')?.series).toMatchObject([{ name: 'dock-1', mean: [10, 12, 14] }])
    expect(trends.get('lag')?.series).toMatchObject([{ name: 'uploader', mean: [5, 7, 9] }])
    expect(trends.get('lag')?.moments).toEqual([0, 2, 4].map((seconds) => begin / 1000 + seconds))
    expect(trends.get('delivered')?.series).toMatchObject([{ mean: [0, 0] }])
    expect(trends.has('disk')).toBe(false)
  })

  it('end with the part that they are of', () => {
    const { records, say, wait, end } = tellStory()
    const read = (path: string, values: Record<string, number>) => say(path, { type: 'gauges.read', values })
    read('root/cameras/dock-1', { fps: 10 })
    read('root/cameras/dock-2', { fps: 20 })
    wait(2_000)
    end('root/cameras/dock-2')
    read('root/cameras/dock-1', { fps: 11 })
    expect(
      recordedTrends({ before: [], records })
        .get('arrived')
        ?.series.map(({ mean }) => mean),
    ).toEqual([
      [10, 11],
      [20, null],
    ])
  })
})

describe('the figures of a recording that begins later than its daemon', () => {
  it('have those, too, that have not moved since, but of no part that has ended', () => {
    const { records, say, start, wait, end } = tellStory()
    const before = new ActorPictures()
    for (const [index, path] of ['root/cameras/dock-1', 'root/cameras/dock-2', 'root/cameras/dock-3'].entries()) {
      say(path, { type: 'supervisor.decided', decision: 'start', cause: 'boot', restartsLeft: 5, reason: 'starting' })
      start(path)
      say(path, { type: 'gauges.read', values: { fps: 10 * (index + 1) } })
    }
    end('root/cameras/dock-3')
    for (const record of records.splice(0)) before.apply(record)
    for (const fps of [11, 12]) {
      wait(2_000)
      say('root/cameras/dock-1', { type: 'gauges.read', values: { fps } })
    }
    expect(recordedTrends({ before: before.all(), records }).get('arrived')?.series).toMatchObject([
      { name: 'dock-1', mean: [11, 12] },
      { name: 'dock-2', mean: [20, 20] },
    ])
  })
})

describe('the figures up to a moment', () => {
  const { records, say, wait } = tellStory()
  for (let fps = 1; fps <= 6; fps++) {
    wait(1_000)
    say('root/cameras/dock-1', { type: 'gauges.read', values: { fps } })
  }
  const before: [] = []
  const scene = (seconds: number, isPast: boolean) =>
    ({ before, records: records.slice(0, seconds), monotonic: seconds * 1_000, isPast }) as const
  const shown = (trends: ReturnType<typeof recordedTrends>) => trends.get('arrived')?.series[0]?.mean

  it('hold nothing that came after it, however near it is to the one before', () => {
    const trends = new RecordedTrends()
    expect(shown(trends.of(scene(6, false)))).toEqual([1, 2, 3, 4, 5, 6])
    expect(shown(trends.of(scene(5, true)))).toEqual([1, 2, 3, 4, 5])
    expect(shown(trends.of(scene(6, true)))).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('are made anew every 5 s where it is the present', () => {
    const trends = new RecordedTrends()
    const first = trends.of(scene(1, false))
    expect(trends.of(scene(5, false))).toBe(first)
    expect(shown(trends.of(scene(6, false)))).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('are others in another history', () => {
    const trends = new RecordedTrends()
    const first = trends.of(scene(6, false))
    expect(trends.of({ ...scene(6, false), before: [] })).not.toBe(first)
  })
})

describe('the stretch of time that charts show', () => {
  const all = { from: 0, to: 1_000 }
  it('is zoomed in around a moment, which stays in its place', () => {
    expect(zoomed(all, all, 0.5, 200)).toEqual({ from: 100, to: 600 })
  })

  it('is never shorter than 10 s or longer than all there is', () => {
    expect(zoomed({ from: 100, to: 112 }, all, 0.5)).toEqual({ from: 101, to: 111 })
    expect(zoomed({ from: 100, to: 900 }, all, 2)).toEqual(all)
  })

  it('moves no further than to either end', () => {
    expect(moved({ from: 500, to: 700 }, all, 0.5)).toEqual({ from: 600, to: 800 })
    expect(moved({ from: 500, to: 900 }, all, 0.5)).toEqual({ from: 600, to: 1_000 })
    expect(moved({ from: 50, to: 250 }, all, -0.5)).toEqual({ from: 0, to: 200 })
  })
})

describe('the names beside a chart', () => {
  it('are all, in their order, as long as there are at most 12', () => {
    expect(namedOf([3, null, 1])).toEqual([0, 1, 2])
    expect(namedOf(Array<null>(12).fill(null))).toHaveLength(12)
  })

  it('are the six least and the six greatest where there are more, in their order, and never one that says nothing', () => {
    const values = [5, 9, null, ...Array<number>(20).fill(6), 0, 7]
    expect(namedOf(values)).toEqual([0, 1, 3, 4, 5, 6, 19, 20, 21, 22, 23, 24])
    expect(namedOf([...Array<null>(12).fill(null), 1])).toEqual([12])
  })
})

describe('the value beside a chart while nobody points at it', () => {
  it.each([
    { values: [1, 2, 3], place: 2 },
    // Of the bucket that has just begun nothing was read.
    { values: [1, 2, null], place: 1 },
    // What was last known is an outage ago.
    { values: [1, null, null], place: undefined },
    { values: [null], place: undefined },
    { values: [], place: undefined },
  ])('of $values stands at $place', ({ values, place }) => {
    expect(presentPlace(values)).toBe(place)
  })
})

describe('a line of a chart', () => {
  const every = (seconds: number, count: number) => Array.from({ length: count }, (_, index) => 1_000 + index * seconds)
  const none = (count: number) => Array<null>(count).fill(null)

  it('goes on over what is missing for a minute at most', () => {
    const values = [1, ...none(5), 2, ...none(6), 3]
    expect(withOutages(every(10, 14), values)).toEqual([1, ...Array<undefined>(5), 2, ...none(6), 3])
  })

  it.each([60, 600])('ends where a bucket of %i s is missing', (seconds) => {
    expect(withOutages(every(seconds, 3), [1, null, 2])).toEqual([1, null, 2])
  })

  it('goes on over a reading that a counter did not have', () => {
    expect(withOutages(every(2, 3), [1, null, 2])).toEqual([1, undefined, 2])
  })

  it('does not go on beyond its last value, or to its first', () => {
    expect(withOutages(every(10, 4), [null, 1, 2, null])).toEqual([null, 1, 2, null])
  })

  it('is a point where it would have no length', () => {
    expect(alone([1, null, 2, 3, null, 4, undefined, 5, null, 6])).toEqual([0, 9])
    expect(alone([null, 1, undefined, null])).toEqual([1])
  })
})

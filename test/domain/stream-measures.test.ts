import { describe, expect, it } from 'vitest'
import { StreamMeasures } from '../../src/domain/stream-measures.ts'
import { type Milliseconds, milliseconds } from '../../src/domain/units.ts'

const nothing = { wasAway: false, isHeldBack: false }

/** A stream that began at 0, after others, and is looked at every 250 ms. */
function measure(maxRate?: number) {
  const seen = {
    lastFrameAt: undefined as Milliseconds | undefined,
    unchangedSince: undefined as Milliseconds | undefined,
    pictures: 1000,
    rate: 25,
    captureRate: () => seen.rate,
    damage: () => ({ damaged: 1, pictures: 125 }),
    decodeErrorsInARow: 0,
    lastDecodeError: undefined,
  }
  const measures = new StreamMeasures(milliseconds(0), seen, maxRate)
  let at = 0
  const look = (excuse = nothing, after = 250) => measures.look(milliseconds((at += after)), seen, excuse)
  /** So many pictures come as its rate says, the last 100 ms before each look. */
  const streamUntil = (end: number) => {
    for (;;) {
      seen.lastFrameAt = milliseconds(at + 150)
      seen.pictures += seen.rate / 4
      const facts = look()
      if (at >= end) return facts
    }
  }
  return { seen, look, streamUntil }
}

describe('the time for which all pictures have been the same', () => {
  it('ends with the last of them', () => {
    const { seen, look, streamUntil } = measure()
    seen.unchangedSince = milliseconds(400)
    expect(streamUntil(2000).unchanged).toBe(1500)
    expect(look().unchanged).toBe(1500)
    expect(look(nothing, 30_000).unchanged).toBe(1500)
    seen.unchangedSince = undefined
    expect(look().unchanged).toBeUndefined()
  })

  it.each([
    { why: 'we were held up', excuse: { wasAway: true, isHeldBack: false } },
    { why: 'nothing was taken', excuse: { wasAway: false, isHeldBack: true } },
  ])('has no time in it in which $why', ({ excuse }) => {
    const { seen, look, streamUntil } = measure()
    seen.unchangedSince = milliseconds(400)
    streamUntil(2000)
    look(excuse, 30_000)
    expect(streamUntil(33_000).unchanged).toBe(2500)
  })

  it('has that in it in which pictures came, though the source waits at each look', () => {
    const { seen, look } = measure()
    seen.unchangedSince = milliseconds(0)
    for (let at = 0; at < 2000; at += 250) {
      seen.lastFrameAt = milliseconds(at + 100)
      look({ wasAway: false, isHeldBack: true })
    }
    expect(look().unchanged).toBe(1850)
  })

  it('is not longer by a picture that came while we were held up', () => {
    const { seen, look, streamUntil } = measure()
    seen.unchangedSince = milliseconds(400)
    streamUntil(2000)
    seen.lastFrameAt = milliseconds(31_900)
    expect(look({ wasAway: true, isHeldBack: false }, 30_000).unchanged).toBe(1500)
  })
})

describe('the rate of a stream', () => {
  it('is known after 5 s, and again 5 s after we were held up', () => {
    const { look, streamUntil } = measure()
    expect(streamUntil(4750).rate).toBeUndefined()
    expect(streamUntil(5000).rate).toBe(25)
    expect(look({ wasAway: true, isHeldBack: false }).rate).toBeUndefined()
    expect(streamUntil(10_000).rate).toBeUndefined()
    expect(streamUntil(10_250).rate).toBe(25)
  })

  it('is its usual one after 30 s, whatever becomes of it', () => {
    const { seen, streamUntil } = measure()
    expect(streamUntil(29_750).usualRate).toBeUndefined()
    expect(streamUntil(30_000).usualRate).toBeCloseTo(750 / 29.9)
    seen.rate = 3
    expect(streamUntil(60_000)).toMatchObject({ rate: 3, usualRate: 750 / 29.9 })
  })

  it('is not learned from a silence', () => {
    const { seen, look, streamUntil } = measure()
    streamUntil(29_750)
    expect(look().usualRate).toBeUndefined()
    seen.rate = 4
    expect(streamUntil(60_000).usualRate).toBeCloseTo((29.75 * 25 + 1) / 30.15)
  })

  it.each([
    { intervalMs: 10_000, rate: 0.1 },
    { intervalMs: 50_000, rate: 0.02 },
    { intervalMs: 60_000, rate: 1 / 60 },
  ])('is its usual one too with a picture in $intervalMs ms', ({ intervalMs, rate }) => {
    const { seen, look } = measure()
    const pictureAfter = (after: number) => {
      seen.pictures++
      seen.lastFrameAt = milliseconds((seen.lastFrameAt ?? 0) + after)
      return look(nothing, after)
    }
    let facts = pictureAfter(intervalMs)
    for (let at = intervalMs; at < 30_000; at += intervalMs) facts = pictureAfter(intervalMs)
    expect(facts.usualRate).toBeCloseTo(rate, 5)
  })

  it('is not learned over the time before we were held up', () => {
    const { seen, look, streamUntil } = measure()
    streamUntil(20_000)
    look({ wasAway: true, isHeldBack: false }, 5000)
    seen.rate = 10
    expect(streamUntil(54_750).usualRate).toBeUndefined()
    expect(streamUntil(55_000).usualRate).toBeCloseTo(300 / 29.9)
  })

  it('is never above the configured one', () => {
    expect(measure(25).streamUntil(30_000).usualRate).toBe(25)
  })
})

describe('the silence of a stream', () => {
  const away = { wasAway: true, isHeldBack: false }
  const heldBack = { wasAway: false, isHeldBack: true }

  it('begins again when we were held up, once until a picture has come', () => {
    const { look, streamUntil } = measure()
    streamUntil(1000)
    expect(look(away, 1500).silence).toBe(0)
    expect(look(away, 1500).silence).toBe(1500)
    expect(look().silence).toBe(1750)
    streamUntil(5000)
    expect(look(away, 1500).silence).toBe(0)
  })

  it('begins again at each look at which the source waits, and then once more when we were held up', () => {
    const { look } = measure()
    expect(look(away, 1500).silence).toBe(0)
    expect(look(heldBack).silence).toBe(0)
    expect(look(heldBack).silence).toBe(0)
    expect(look(away, 1500).silence).toBe(0)
    expect(look(away, 1500).silence).toBe(1500)
  })
})

describe('the damage of a stream', () => {
  it('is known after 5 s, and stays so when we were held up: what came came', () => {
    const { look, streamUntil } = measure()
    expect(streamUntil(4750).damage).toBeUndefined()
    expect(streamUntil(5000).damage).toEqual({ damaged: 1, pictures: 125 })
    expect(look({ wasAway: true, isHeldBack: false }).damage).toEqual({ damaged: 1, pictures: 125 })
  })
})

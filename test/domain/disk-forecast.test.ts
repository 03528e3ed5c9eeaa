import { describe, expect, it } from 'vitest'
import { byteCount } from '../../src/domain/byte-count.ts'
import { type RoomSample, timeUntil } from '../../src/domain/disk-forecast.ts'
import { milliseconds, minutes, seconds } from '../../src/domain/units.ts'

/** One sample every 15 s. */
const every15s = (...freeBytes: number[]): RoomSample[] =>
  freeBytes.map((each, index) => ({ at: seconds(15 * index), freeBytes: each }))

describe('how long room will last', () => {
  it('follows the pace of late, down to the mark', () => {
    // 100 bytes every 15 s: from 600 down to 200 in four times that.
    expect(timeUntil(200, every15s(1000, 900, 800, 700, 600))).toBe(minutes(1))
  })

  it('takes the line that fits best where room goes down in steps', () => {
    const steps = every15s(1000, 1000, 800, 800, 600, 600)
    // By hand: -1,600 / 17.5 bytes a sample, so that the last sample's 600 last for 6.5625 samples of 15 s.
    expect(timeUntil(0, steps)).toBe(milliseconds(98_438))
  })

  it.each([
    { what: 'room that stays', samples: every15s(500, 500, 500, 500, 500) },
    { what: 'room that becomes more', samples: every15s(500, 600, 700, 800, 900) },
    { what: 'less than a minute of samples', samples: every15s(1000, 900, 800, 700) },
    { what: 'nothing', samples: [] },
    { what: 'a pace that needs more than a year', samples: every15s(1e12, 1e12 - 1, 1e12 - 2, 1e12 - 3, 1e12 - 4) },
  ])('is not foretold from $what', ({ samples }) => {
    expect(timeUntil(0, samples)).toBeUndefined()
  })

  it('is none where the mark has been passed, whichever way it goes', () => {
    expect(timeUntil(500, every15s(300, 350, 400, 450, 500))).toBe(milliseconds(0))
  })
})

describe('a number of bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9_949, '9.9 kB'],
    [9_951, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [23_400_000_000, '23 GB'],
    [5e15, '5000 TB'],
  ])('is said for people: %i is %s', (bytes, words) => {
    expect(byteCount(bytes)).toBe(words)
  })
})

import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { diskWords } from '../../inspector/src/line/disk-words.ts'
import { whyWords } from '../../inspector/src/parts/why-words.ts'
import { epochMs } from '../../src/domain/units.ts'
import {
  count,
  latency,
  moment,
  rate,
  shortMoment,
  tick,
  timeAgo,
  timeBefore,
  timesWords,
  utc,
  zone,
} from '../../inspector/src/parts/format.ts'
import { stateWord, type Tone, toneOf } from '../../inspector/src/parts/tone.ts'

describe('why an actor is in its state', () => {
  it.each([
    [{ why: 'no route', nextTryAt: epochMs(4_001) }, 'no route · tries again in 4 s'],
    [{ why: 'no route', nextTryAt: epochMs(1_000) }, 'no route'],
    [{ why: null, nextTryAt: epochMs(62_000) }, 'tries again in 1 min 1 s'],
    [{ why: null, nextTryAt: null }, ''],
  ])('is told with the next try as long as that is to come: %j', (actor, words) => {
    expect(whyWords(actor, 1_000)).toBe(words)
  })
})

describe('the room on the disk', () => {
  it.each([
    [{ level: 'enough', freeBytes: 12_000_000_000, fullInMs: null }, '12 GB free'],
    [
      { level: 'low', freeBytes: 900_000_000, fullInMs: 5_400_000 },
      '900 MB free; at this rate too little in 1 h 30 min',
    ],
    [{ level: 'enough', freeBytes: null, fullInMs: null }, ''],
  ] as const)('is told with when rows will have to wait: %j', (disk, words) => {
    expect(diskWords(disk)).toBe(words)
  })
})

it('says on an axis no more than it marks', () => {
  expect([200, 1_500, 60_000, 70_000, 5_400_000].map(tick)).toEqual([
    '200 ms',
    '1.5 s',
    '1 min',
    '1 min 10 s',
    '1 h 30 min',
  ])
})

describe('the words of the page', () => {
  it.each<{ state: string; word: string; tone: Tone }>([
    { state: 'streaming', word: 'streaming', tone: 'good' },
    { state: 'backingOff', word: 'backing off', tone: 'warn' },
    { state: 'backing_off', word: 'backing off', tone: 'warn' },
    { state: 'crashed', word: 'crashed', tone: 'bad' },
    { state: 'connecting', word: 'connecting', tone: 'busy' },
    { state: 'stopped', word: 'stopped', tone: 'off' },
    { state: 'writing | blocked', word: 'writing | blocked', tone: 'warn' },
    { state: 'running', word: 'running', tone: 'good' },
    { state: 'restarting', word: 'restarting', tone: 'busy' },
    { state: 'terminated', word: 'terminated', tone: 'off' },
    { state: 'cut off', word: 'cut off', tone: 'warn' },
    { state: 'contemplating', word: 'contemplating', tone: 'busy' },
  ])('are for $state $word, $tone', ({ state, word, tone }) => {
    expect({ word: stateWord(state), tone: toneOf(state) }).toEqual({ word, tone })
  })

  it.each([
    [0, '0 ms'],
    [8.31, '8.3 ms'],
    [9.99, '10.0 ms'],
    [10, '10 ms'],
    [999, '999 ms'],
    [1_392, '1.4 s'],
  ])('are for a latency of %d ms %s', (ms, words) => {
    expect(latency(ms)).toBe(words)
  })

  it('group thousands and keep one decimal of a rate', () => {
    expect([count(1_234_567), rate(24.96), rate(0)]).toEqual(['1,234,567', '25.0', '0'])
  })

  it.each([
    ['UTC', 'UTC'],
    ['Europe/Berlin', 'UTC+01:00'],
    ['America/St_Johns', 'UTC-03:30'],
    ['Asia/Kathmandu', 'UTC+05:45'],
  ])('name the time zone that they are given in: %s', (name, words) => {
    vi.stubEnv('TZ', name)
    onTestFinished(() => void vi.unstubAllEnvs())
    const winter = Date.UTC(2026, 10, 22, 1, 8, 36, 123)
    expect(zone(winter)).toBe(words)
    expect(utc(winter)).toBe('2026-11-22T01:08:36.123Z')
  })

  it('go by the time zone of the moment, in summer too', () => {
    vi.stubEnv('TZ', 'Europe/Berlin')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(zone(Date.UTC(2026, 6, 1))).toBe('UTC+02:00')
    expect([zone(1e20), utc(1e20)]).toEqual(['UTC', 'no date'])
  })

  it('give moments in the time zone of who reads them', () => {
    const local = new Date(2026, 10, 22, 2, 8, 36).getTime()
    expect(moment(local)).toBe('2026-11-22 02:08:36')
    expect(moment(1e20)).toBe('no date')
    expect(shortMoment(local, local + 4_200)).toBe('02:08:36')
    expect(shortMoment(local, local + 86_400_000)).toBe('11-22 02:08:36')
    expect(timeBefore(local, local + 4_200)).toBe('of 02:08:36, 4 s before')
    expect(timeAgo(local, local + 4_200)).toBe('4 s ago')
  })

  it('count how often something was', () => {
    expect([1, 2, 1_000].map(timesWords)).toEqual(['once', '2 times', '1,000 times'])
  })
})

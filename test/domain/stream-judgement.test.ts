import { describe, expect, it } from 'vitest'
import {
  type Expectations,
  judgeStream,
  judgementWords,
  staleAfter,
  stallAfterByRate,
  stateOf,
  supposedRate,
} from '../../src/domain/stream-judgement.ts'
import type { StreamFacts } from '../../src/domain/stream-measures.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'

const facts = (over: Partial<StreamFacts> = {}): StreamFacts => ({
  silence: milliseconds(0),
  unchanged: undefined,
  rate: 25,
  usualRate: 25,
  damage: { damaged: 0, pictures: 125 },
  ...over,
})
const expected = (over: Partial<Expectations> = {}): Expectations => ({
  announced: 25,
  supposed: 3,
  frozenAfter: seconds(30),
  ...over,
})

describe('three intervals', () => {
  it.each([
    { rate: 30, ms: 500 },
    { rate: 6, ms: 500 },
    { rate: 5, ms: 600 },
    { rate: 0.5, ms: 6000 },
  ])('are $ms ms at $rate pictures a second, and never less than bursts over a network', ({ rate, ms }) => {
    expect(staleAfter(rate)).toBe(ms)
  })
})

describe('a silent stream of which nobody says when it is lost', () => {
  it.each([
    { rate: 30, ms: 2000 },
    { rate: 3, ms: 2000 },
    { rate: 2, ms: 3000 },
    { rate: 1, ms: 6000 },
    { rate: 0.1, ms: 60_000 },
  ])('is lost after $ms ms at $rate pictures a second, having been stale for half of it or more', ({ rate, ms }) => {
    expect(stallAfterByRate(rate)).toBe(ms)
    expect(staleAfter(rate)).toBeLessThanOrEqual(ms / 2)
  })
})

describe('a stream of few pictures', () => {
  it.each([
    { usualRate: 0.2, rate: 0, is: 'fresh' },
    { usualRate: 0.9, rate: 0.2, is: 'fresh' },
    { usualRate: 1, rate: 0.4, is: 'slow' },
  ])('of usually $usualRate a second is $is with $rate in the last 5 s', ({ usualRate, rate, is }) => {
    expect(judgeStream(facts({ usualRate, rate }), expected({ announced: undefined }), 'fresh').type).toBe(is)
  })
})

describe('a stream that does not say its rate', () => {
  it.each([
    { every: 1, maxRate: undefined, rate: 3 },
    { every: 1, maxRate: 30, rate: 3 },
    { every: 1, maxRate: 0.2, rate: 0.2 },
    { every: 30, maxRate: undefined, rate: 0.1 },
  ])('is supposed to bring $rate a second with every $every and at most $maxRate', ({ every, maxRate, rate }) => {
    expect(supposedRate({ every, maxRate, stallAfter: 'auto', failures: 0 }, 0)).toBe(rate)
  })

  it.each([
    { failures: 1, rate: 3 },
    { failures: 2, rate: 1.5 },
    { failures: 3, rate: 0.75 },
    { failures: 4, rate: 0.375 },
    { failures: 999, rate: 0.375 },
  ])('is supposed to bring $rate a second after $failures failures in a row', ({ failures, rate }) => {
    const stream = { every: 1, maxRate: undefined, stallAfter: 'auto' as const, failures }
    expect(supposedRate(stream, 2.9)).toBe(rate)
    expect(supposedRate(stream, 3)).toBe(3)
  })

  it.each([
    { stallAfter: seconds(1), rate: 3 },
    { stallAfter: seconds(2), rate: 3 },
    { stallAfter: seconds(60), rate: 0.1 },
  ])('is supposed to bring $rate a second where it is lost after $stallAfter ms of silence', ({ stallAfter, rate }) => {
    expect(supposedRate({ every: 1, maxRate: undefined, stallAfter, failures: 0 }, 0)).toBe(rate)
  })

  it.each([
    { usualRate: undefined, is: 'stale' },
    { usualRate: 2, is: 'fresh' },
    { usualRate: 3, is: 'stale' },
  ])('has intervals by what is known: at $usualRate a second it is $is after a second', ({ usualRate, is }) => {
    const given = facts({ silence: seconds(1), usualRate, rate: undefined })
    expect(judgeStream(given, expected({ announced: undefined }), 'fresh').type).toBe(is)
  })

  it('is slow at less than half of what came at first', () => {
    const silent = expected({ announced: undefined })
    expect(judgeStream(facts({ usualRate: 24.8, rate: 12.4 }), silent, 'fresh').type).toBe('fresh')
    const slow = judgeStream(facts({ usualRate: 24.8, rate: 12.3 }), silent, 'fresh')
    expect(judgementWords(slow)).toBe('12.3 pictures a second arrive, of 24.8 that came at first')
    expect(judgeStream(facts({ usualRate: undefined, rate: 0.1 }), silent, 'fresh').type).toBe('fresh')
  })
})

describe('an open stream', () => {
  it.each([
    { given: { silence: milliseconds(499) }, is: 'fresh', words: 'pictures arrive' },
    { given: { silence: milliseconds(500) }, is: 'stale', words: 'no picture for 0.5 s' },
    { given: { unchanged: milliseconds(29_999) }, is: 'fresh', words: 'pictures arrive' },
    { given: { unchanged: seconds(30) }, is: 'frozen', words: 'every picture has been the same for 30 s' },
    { given: { rate: 12.5 }, is: 'fresh', words: 'pictures arrive' },
    { given: { rate: 12.4 }, is: 'slow', words: '12.4 pictures a second arrive, of 25 that were announced' },
    { given: { rate: undefined }, is: 'fresh', words: 'pictures arrive' },
    { given: { damage: { damaged: 15, pictures: 150 } }, is: 'fresh', words: 'pictures arrive' },
    {
      given: { damage: { damaged: 16, pictures: 150 } },
      is: 'damaged',
      words: '16 of 150 pictures in 5 s were damaged',
    },
    { given: { damage: { damaged: 0, pictures: 0 } }, is: 'fresh', words: 'pictures arrive' },
    { given: { damage: undefined }, is: 'fresh', words: 'pictures arrive' },
    // One is no share.
    { given: { damage: { damaged: 1, pictures: 1 } }, is: 'fresh', words: 'pictures arrive' },
    { given: { damage: { damaged: 2, pictures: 2 } }, is: 'damaged', words: '2 of 2 pictures in 5 s were damaged' },
    { given: { silence: seconds(1), unchanged: seconds(60), rate: 1 }, is: 'stale', words: 'no picture for 1.0 s' },
    {
      given: { unchanged: seconds(60), rate: 1, damage: { damaged: 5, pictures: 5 } },
      is: 'frozen',
      words: 'every picture has been the same for 60 s',
    },
    {
      given: { rate: 1, damage: { damaged: 5, pictures: 5 } },
      is: 'damaged',
      words: '5 of 5 pictures in 5 s were damaged',
    },
  ])('is $is when $given, the worst first', ({ given, is, words }) => {
    const judgement = judgeStream(facts(given), expected(), 'fresh')
    expect(judgement.type).toBe(is)
    expect(judgementWords(judgement)).toBe(words)
  })

  it.each([
    { judged: 'fresh', state: 'fresh' },
    { judged: 'stale', state: 'stale' },
    { judged: 'frozen', state: 'frozen' },
    { judged: 'damaged', state: 'degraded' },
    { judged: 'slow', state: 'degraded' },
  ] as const)('that is $judged is shown as $state', ({ judged, state }) => {
    expect(stateOf(judged)).toBe(state)
  })

  it('that was slow has recovered only well above half', () => {
    expect(judgeStream(facts({ rate: 14.9 }), expected(), 'slow').type).toBe('slow')
    expect(judgeStream(facts({ rate: 15 }), expected(), 'slow').type).toBe('fresh')
  })

  it('that was damaged has recovered only well below a tenth', () => {
    const after = (damaged: number) => judgeStream(facts({ damage: { damaged, pictures: 100 } }), expected(), 'damaged')
    expect(after(6).type).toBe('damaged')
    expect(after(5).type).toBe('fresh')
  })

  it('is never frozen where nobody wants to know', () => {
    expect(judgeStream(facts({ unchanged: seconds(3600) }), expected({ frozenAfter: 'off' }), 'fresh').type).toBe(
      'fresh',
    )
  })
})

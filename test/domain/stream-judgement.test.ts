import { describe, expect, it } from 'vitest'
import {
  type Expectations,
  judgeStream,
  judgementWords,
  staleAfter,
  type StreamFacts,
} from '../../src/domain/stream-judgement.ts'
import { milliseconds, seconds } from '../../src/domain/units.ts'

const facts = (over: Partial<StreamFacts> = {}): StreamFacts => ({
  silence: milliseconds(0),
  unchanged: undefined,
  rate: 25,
  ...over,
})
const expected = (over: Partial<Expectations> = {}): Expectations => ({ rate: 25, frozenAfter: seconds(30), ...over })

describe('three intervals', () => {
  it.each([
    { rate: undefined, ms: 1000 },
    { rate: 0, ms: 1000 },
    { rate: 30, ms: 500 },
    { rate: 6, ms: 500 },
    { rate: 5, ms: 600 },
    { rate: 0.5, ms: 6000 },
  ])('are $ms ms at $rate pictures a second, and never less than bursts over a network', ({ rate, ms }) => {
    expect(staleAfter(rate)).toBe(ms)
  })
})

describe('an open stream', () => {
  it.each([
    { given: { silence: milliseconds(499) }, is: 'fresh', words: 'pictures arrive' },
    { given: { silence: milliseconds(500) }, is: 'stale', words: 'no picture for 0.5 s' },
    { given: { unchanged: milliseconds(29_999) }, is: 'fresh', words: 'pictures arrive' },
    { given: { unchanged: seconds(30) }, is: 'frozen', words: 'every picture has been the same for 30 s' },
    { given: { rate: 12.5 }, is: 'fresh', words: 'pictures arrive' },
    { given: { rate: 12.4 }, is: 'degraded', words: '12.4 pictures a second arrive, of 25 that were announced' },
    { given: { rate: undefined }, is: 'fresh', words: 'pictures arrive' },
    { given: { silence: seconds(1), unchanged: seconds(60), rate: 1 }, is: 'stale', words: 'no picture for 1.0 s' },
    { given: { unchanged: seconds(60), rate: 1 }, is: 'frozen', words: 'every picture has been the same for 60 s' },
  ])('is $is when $given, the worst first', ({ given, is, words }) => {
    const judgement = judgeStream(facts(given), expected(), 'fresh')
    expect(judgement.type).toBe(is)
    expect(judgementWords(judgement)).toBe(words)
  })

  it('that was degraded has recovered only well above half', () => {
    expect(judgeStream(facts({ rate: 14.9 }), expected(), 'degraded').type).toBe('degraded')
    expect(judgeStream(facts({ rate: 15 }), expected(), 'degraded').type).toBe('fresh')
  })

  it('is never frozen where nobody wants to know', () => {
    expect(judgeStream(facts({ unchanged: seconds(3600) }), expected({ frozenAfter: 'off' }), 'fresh').type).toBe(
      'fresh',
    )
  })

  it('is not degraded where no rate was announced', () => {
    expect(judgeStream(facts({ rate: 0.1 }), expected({ rate: undefined }), 'fresh').type).toBe('fresh')
  })
})

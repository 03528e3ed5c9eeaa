import { describe, expect, it } from 'vitest'
import { inSeconds, inWords } from '../../../src/commands/terminal/in-words.ts'
import { milliseconds } from '../../../src/domain/units.ts'

describe('a length of time in seconds', () => {
  it.each([
    { ms: 0, words: '0.0 s' },
    { ms: 1_249, words: '1.2 s' },
    { ms: 60_000, words: '60.0 s' },
  ])('of $ms ms is $words', ({ ms, words }) => {
    expect(inSeconds(milliseconds(ms))).toBe(words)
  })
})

describe('a length of time in words', () => {
  it.each([
    { ms: -5, words: '0 s' },
    { ms: 4_999, words: '4 s' },
    { ms: 60_000, words: '1 min 0 s' },
    { ms: 3_599_999, words: '59 min 59 s' },
    { ms: 3_600_000, words: '1 h 0 min' },
    { ms: 100 * 3_600_000, words: '4 d 4 h' },
  ])('of $ms ms is $words', ({ ms, words }) => {
    expect(inWords(ms)).toBe(words)
  })
})

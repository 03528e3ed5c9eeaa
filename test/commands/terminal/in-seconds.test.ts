import { describe, expect, it } from 'vitest'
import { inSeconds } from '../../../src/commands/terminal/in-seconds.ts'
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

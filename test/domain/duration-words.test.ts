import { expect, it } from 'vitest'
import { durationWords } from '../../src/domain/duration-words.ts'

it.each([
  [-1, '0 s'],
  [999, '0 s'],
  [1_000, '1 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [724_000, '12 min 4 s'],
  [3_599_999, '59 min 59 s'],
  [3_600_000, '1 h'],
  [3_604_000, '1 h'],
  [86_399_000, '23 h 59 min'],
  [90_000_000, '1 d 1 h'],
  [100 * 3_600_000, '4 d 4 h'],
])('%i ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words)
})

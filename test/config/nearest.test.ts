import { describe, expect, it } from 'vitest'
import { nearest } from '../../src/config/nearest.ts'

describe('the key that is nearest to a mistyped one', () => {
  it.each([
    { word: 'worker', known: ['deadline', 'workers'], found: 'workers' },
    { word: 'fsp', known: ['fit', 'crop', 'fps', 'every'], found: 'fps' }, // fit is as near
    { word: 'rat', known: ['hat', 'rot'], found: 'rot' }, // of the same first letter
    { word: 'abc', known: ['xbc', 'ybc'], found: 'xbc' }, // nothing to choose by: the first
    { word: 'abc', known: [], found: undefined },
  ])('is $found for $word among $known', ({ word, known, found }) => {
    expect(nearest(word, known)).toBe(found)
  })
})

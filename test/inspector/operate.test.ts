import { describe, expect, it } from 'vitest'
import { counted } from '../../inspector/src/operate.ts'

const done = { isDone: true, words: 'File 7 is due at once.' }
const refused = { isDone: false, words: 'The daemon is stopping.' }

describe('what is told of commands that were asked one after the other', () => {
  it.each([
    { count: 1, all: 1, last: done, told: done },
    { count: 0, all: 1, last: refused, told: refused },
    { count: 0, all: 3, last: refused, told: refused },
    {
      count: 2,
      all: 3,
      last: refused,
      told: { isDone: false, words: '2 of 3 are done. Then: The daemon is stopping.' },
    },
    { count: 3, all: 3, last: done, told: { isDone: true, words: 'All 3 are due at once.' } },
    // Somebody stopped there.
    {
      count: 1,
      all: 3,
      last: done,
      told: { isDone: true, words: '1 of 3 is due at once. Nothing was asked of the others.' },
    },
    {
      count: 2,
      all: 3,
      last: done,
      told: { isDone: true, words: '2 of 3 are due at once. Nothing was asked of the others.' },
    },
  ])('of $count of $all is $told.words', ({ count, all, last, told }) => {
    expect(counted(count, all, last)).toEqual(told)
  })
})

import { describe, expect, it } from 'vitest'
import { tableLines } from '../../../src/commands/terminal/table.ts'

const columns = [{ title: 'part' }, { title: 's', align: 'right' as const }, { title: 'detail' }]

describe('a table', () => {
  it('is as wide as its cells, aligned, without blanks at the ends of lines', () => {
    expect(
      tableLines(
        columns,
        [
          ['dock-1', '1.2', 'fine'],
          ['x', '10.0', ''],
        ],
        80,
      ),
    ).toEqual(['part       s  detail', 'dock-1   1.2  fine', 'x       10.0'])
  })

  it('wraps its last column between words', () => {
    const detail = 'one two three four five six seven eight nine'
    // 4 + 2 + 3 + 2 before it, and the first line's 33.
    expect(tableLines(columns, [['a', '1.0', detail]], 44)).toEqual([
      'part    s  detail',
      'a     1.0  one two three four five six seven',
      '           eight nine',
    ])
    expect(tableLines(columns, [['a', '1.0', detail]], 43)[1]).toBe('a     1.0  one two three four five six')
  })

  it('leaves a long word whole, on a line of its own', () => {
    const key = 'SHA256:uNiVztksCsDhcc0u9e8BrnEUzPQ1ZmZcOyX6yCnLnNE'
    expect(tableLines(columns, [['a', '1.0', `key ${key} shown`]], 45)).toEqual([
      'part    s  detail',
      'a     1.0  key',
      `           ${key}`,
      '           shown',
    ])
  })

  it('keeps a readable last column however long the names are', () => {
    const [, line] = tableLines(columns, [['n'.repeat(60), '1.0', 'one two three four five six seven']], 60)
    expect(line).toBe(`${'n'.repeat(60)}  1.0  one two three four five six`)
  })
})

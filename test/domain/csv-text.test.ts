import { describe, expect, it } from 'vitest'
import { neutralText } from '../../src/domain/csv-text.ts'

describe('text for a spreadsheet', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx', '＝1', '＋1', '－1', '＠x'])(
    'has an apostrophe before %j, which would be run',
    (text) => {
      expect(neutralText(text)).toBe(`'${text}`)
    },
  )
  it.each(['', 'particle', 'a=b', '1-2', ' =1', "'=1", 'ä', '"=1"'])('leaves %j as it is', (text) => {
    expect(neutralText(text)).toBe(text)
  })
  it('drops NUL, which would hide a formula', () => {
    expect(neutralText('\0=1')).toBe("'=1")
    expect(neutralText('a\0b')).toBe('ab')
  })
})

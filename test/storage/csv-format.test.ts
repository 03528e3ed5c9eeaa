import { writeToString } from '@fast-csv/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CsvCell } from '../../src/domain/csv-row.ts'
import { neutralText } from '../../src/domain/csv-text.ts'
import { createRowFormatter, headerLine } from '../../src/storage/csv-format.ts'

const text = (...rows: CsvCell[][]): string => Buffer.from(createRowFormatter()(rows)).toString()

describe('the header', () => {
  it('names the columns of each folder', () => {
    expect(Buffer.from(headerLine('model')).toString()).toBe(
      'boot,camera,epoch,frame,detection,captured_at,model,label,score,x_px,y_px,width_px,height_px\n',
    )
    expect(Buffer.from(headerLine('classifier')).toString()).toBe(
      'boot,camera,epoch,frame,detection,captured_at,model,label,score\n',
    )
  })
})

describe('rows as text', () => {
  it('have their line end, the first one and the last one too', () => {
    expect(text([1, 'a'], [2, 'b'])).toBe('1,a\n2,b\n')
  })
  it('go on from one call to the next', () => {
    const format = createRowFormatter()
    expect(['a', 'b'].map((cell) => Buffer.from(format([[cell]])).toString())).toEqual(['a\n', 'b\n'])
  })
  it('are quoted where a cell has a comma, a quote or a line end', () => {
    expect(text(['a,b', 'say "x"', 'one\ntwo', 'x\r'])).toBe('"a,b","say ""x""","one\ntwo","x\r"\n')
  })
  it('are UTF-8', () => {
    expect(text(['Größe', '部品'])).toBe('Größe,部品\n')
  })
  it('have numbers with a point, and negative ones as numbers', () => {
    expect(text([-1.5, 0, -0, 1e-7])).toBe('-1.5,0,0,1e-7\n')
  })
  it('have an empty cell for what is no number', () => {
    expect(text([NaN, Infinity, -Infinity, ''])).toBe(',,,\n')
  })
  it('have texts neutralised that a spreadsheet would run, before they are quoted', () => {
    expect(text(['=1+1', '=A1,"x"', '-2', '\0=1'])).toBe(`'=1+1,"'=A1,""x""",'-2,'=1\n`)
  })
  it('come whole however many they are', () => {
    const rows = Array.from({ length: 3000 }, (_, row) => [row, 'x'.repeat(200)])
    expect(text(...rows)).toBe(rows.map(([row, cell]) => `${row},${cell}\n`).join(''))
  })
  it('come whole however long a cell is', () => {
    const long = 'x'.repeat(300_000)
    expect(text([long], [long], [1])).toBe(`${long}\n${long}\n1\n`)
  })
  it('are what fast-csv writes, whatever stands in them', async () => {
    const cell = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'ß', '"', ',', '\n', '\r', ' ', ';', '\0', '1') }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1 }), async (rows) => {
        const neutral = rows.map((row) => row.map((each) => (typeof each === 'string' ? neutralText(each) : each)))
        expect(text(...rows)).toBe(await writeToString(neutral, { headers: false, includeEndRowDelimiter: true }))
      }),
    )
  })
})

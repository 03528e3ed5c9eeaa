import { format } from '@fast-csv/format'
import { type CsvCell, csvColumns, type CsvFolder } from '../domain/csv-row.ts'
import { neutralText } from '../domain/csv-text.ts'

/** Ends every line, the last one too. RFC 4180 as Unix tools read it: without a carriage return. */
const lineEnd = '\n'

/** The first line of a folder's files, with its line end, in UTF-8. No column's name needs quotes. */
export const headerLine = (folder: CsvFolder): Uint8Array => Buffer.from(csvColumns[folder].join(',') + lineEnd)

/** Rows as CSV in UTF-8, each with its line end. */
export type RowFormatter = (rows: readonly (readonly CsvCell[])[]) => Uint8Array

/** What a cell may hold that fast-csv does not write as it stands. */
const needsQuoting = /[",\r\n]/

/**
 * fast-csv does the quoting. A row in which nothing has to be quoted, which is nearly every one, is what its cells are with
 * commas between them, and needs no stream for that.
 */
export function createRowFormatter(): RowFormatter {
  const quoted = createQuotingFormatter()
  return (rows) => {
    let text = ''
    for (const row of rows) {
      let line = ''
      let isPlain = true
      for (let column = 0; column < row.length; column++) {
        const cell = cellText(row[column] ?? '')
        isPlain &&= typeof cell === 'number' || !needsQuoting.test(cell)
        line += column === 0 ? cell : `,${cell}`
      }
      text += isPlain ? line + lineEnd : quoted(row.map(cellText))
    }
    return Buffer.from(text)
  }
}

/**
 * One row by fast-csv. Its stream is driven by hand, so that text comes out of the same call that the row went into: the
 * writer's order of steps then depends on the disk alone.
 */
function createQuotingFormatter(): (row: CsvCell[]) => string {
  const stream = format<CsvCell[], CsvCell[]>({ headers: false, rowDelimiter: lineEnd })
  // fast-csv puts the line end in front of every row but the first; this one takes the place of the first.
  stream.write(['first'])
  stream.read()
  return (row) => {
    stream.write(row)
    const parts: Uint8Array[] = []
    for (let part = read(); part !== null; part = read()) parts.push(part)
    if (stream.writableLength > 0) throw new Error('fast-csv holds a row back')
    // The leading line end moves to the end.
    return Buffer.concat(parts).toString().slice(lineEnd.length) + lineEnd
  }

  function read(): Uint8Array | null {
    return stream.read() as Uint8Array | null
  }
}

/** A number that is none (NaN, infinite) is an empty cell. */
function cellText(cell: CsvCell): CsvCell {
  if (typeof cell === 'string') return neutralText(cell)
  return Number.isFinite(cell) ? cell : ''
}

import { format } from '@fast-csv/format'
import { type CsvCell, csvColumns, type CsvFolder } from '../domain/csv-row.ts'
import { neutralText } from '../domain/csv-text.ts'

/** Ends every line, the last one too. RFC 4180 as Unix tools read it: without a carriage return. */
const lineEnd = '\n'

/** The first line of a folder's files, with its line end, in UTF-8. No column's name needs quotes. */
export const headerLine = (folder: CsvFolder): Uint8Array => Buffer.from(csvColumns[folder].join(',') + lineEnd)

/** Rows as CSV in UTF-8, each with its line end. */
export type RowFormatter = (rows: readonly (readonly CsvCell[])[]) => Uint8Array

/**
 * fast-csv does the quoting. Its stream is driven by hand, so that text comes out of the same call that rows went into:
 * the writer's order of steps then depends on the disk alone.
 */
export function createRowFormatter(): RowFormatter {
  const stream = format<CsvCell[], CsvCell[]>({ headers: false, rowDelimiter: lineEnd })
  // fast-csv puts the line end in front of every row but the first; this one takes the place of the first.
  stream.write(['first'])
  stream.read()
  return (rows) => {
    const parts: Uint8Array[] = []
    const drain = (): void => {
      for (let part = read(); part !== null; part = read()) parts.push(part)
    }
    const read = (): Uint8Array | null => stream.read() as Uint8Array | null
    for (const row of rows) {
      stream.write(row.map(cellText))
      if (stream.readableLength > 32_768) drain()
    }
    drain()
    if (stream.writableLength > 0) throw new Error(`fast-csv holds ${stream.writableLength} rows back`)
    const text = Buffer.concat(parts)
    // The leading line end moves to the end.
    text.copyWithin(0, lineEnd.length)
    text.write(lineEnd, text.length - lineEnd.length)
    return text
  }
}

/** A number that is none (NaN, infinite) is an empty cell. */
function cellText(cell: CsvCell): CsvCell {
  if (typeof cell === 'string') return neutralText(cell)
  return Number.isFinite(cell) ? cell : ''
}

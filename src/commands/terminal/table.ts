export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

const gap = '  '
/** Below this a last column is no longer read with ease. */
const leastLastWidth = 30

/**
 * Rows under their titles, in lines of at most `width` characters: the last column is wrapped between words.
 * A word that is longer than its column is left whole, so that paths and fingerprints can be copied.
 */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const leading = columns.slice(0, -1)
  const widths = leading.map(({ title }, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const indent = widths.reduce((sum, each) => sum + each + gap.length, 0)
  const lastWidth = Math.max(leastLastWidth, width - indent)
  const linesOf = (cells: readonly string[]): string[] => {
    const padded = leading.map(({ align }, at) => {
      const [cell, to] = [cells[at] ?? '', widths[at] ?? 0]
      return align === 'right' ? cell.padStart(to) : cell.padEnd(to)
    })
    const [first = '', ...rest] = wrapped(cells[leading.length] ?? '', lastWidth)
    return [[...padded, first].join(gap), ...rest.map((line) => ' '.repeat(indent) + line)].map((line) =>
      line.trimEnd(),
    )
  }
  return [columns.map(({ title }) => title), ...rows].flatMap(linesOf)
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

import { styleText } from 'node:util'
import type { CheckLine } from './check-line.ts'
import { type Column, tableLines } from '../terminal/table.ts'

const columns: readonly Column[] = [
  { title: 'part' },
  { title: 'what' },
  { title: 'result' },
  { title: 's', align: 'right' },
  { title: 'detail' },
]

/** Readable without colour, and where the output goes to a file. */
const marks: Readonly<Record<CheckLine['outcome'], { text: string; style: 'green' | 'red' | 'yellow' }>> = {
  ok: { text: '✓ ok', style: 'green' },
  failed: { text: '✗ failed', style: 'red' },
  interrupted: { text: '- interrupted', style: 'yellow' },
}

export interface CheckReportOptions {
  /** Characters in a line. */
  readonly width: number
  readonly colour: boolean
  /** Makes text fit to be shown. */
  readonly hide: (text: string) => string
}

/** The checks as a table, and a last line that counts them and names those that are not ok. */
export function checkReport(lines: readonly CheckLine[], { width, colour, hide }: CheckReportOptions): string[] {
  // Hidden before the table is laid out: a secret that is wrapped would no longer be found.
  const rows = lines.map(({ name, what, outcome, took, detail }) => [
    name,
    what,
    marks[outcome].text,
    (took / 1000).toFixed(1),
    hide(detail),
  ])
  const named = (['failed', 'interrupted'] as const).flatMap((outcome) => {
    const names = lines.filter((line) => line.outcome === outcome).map(({ name }) => name)
    return names.length === 0 ? [] : [`${outcome}: ${names.join(', ')}`]
  })
  const ok = lines.filter(({ outcome }) => outcome === 'ok').length
  const table = tableLines(columns, rows, width)
  return [...(colour ? table.map(coloured) : table), [`${ok} of ${lines.length} ok`, ...named].join('; ')]
}

/** The same for programs, with how long each part took in milliseconds. */
export const checkForPrograms = (lines: readonly CheckLine[], hide: CheckReportOptions['hide']) => ({
  parts: lines.map(({ name, what, outcome, took, detail }) => ({
    ...{ name, what, outcome },
    tookMs: Math.round(took),
    detail: hide(detail),
  })),
})

function coloured(line: string): string {
  const mark = Object.values(marks).find(({ text }) => line.includes(text))
  return mark === undefined ? line : line.replace(mark.text, styleText(mark.style, mark.text))
}

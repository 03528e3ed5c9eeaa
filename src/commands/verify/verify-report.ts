import type { OperatingError } from '../../domain/errors.ts'
import { type FileState, setAside } from '../../domain/file-state.ts'
import { type Column, tableLines } from '../terminal/table.ts'
import type { Finding } from './verify-finding.ts'

export interface Looked {
  readonly found: readonly Finding[]
  /** Why not all of the server was seen. */
  readonly unseen?: OperatingError
}

type Counts = Readonly<Record<FileState, number>>

const columns: readonly Column[] = [{ title: 'grade' }, { title: 'file' }]

/** What was found as a table, how many of each grade, and what is to be done. */
export function verifyReport({ found, unseen }: Looked, counts: Counts): string[] {
  const rows = found.map(({ grade, path, what }) => [grade, `${path} ${what}`])
  const of = (grade: Finding['grade']) => found.filter((finding) => finding.grade === grade).length
  const grades = (['fault', 'mendable', 'mended', 'note'] as const).filter((grade) => of(grade) > 0)
  const words = grades.map((grade) => `${grade} ${of(grade)}`).join(', ')
  const what = unseen === undefined ? 'Everything' : 'The data folder'
  const aside = asideIn(counts)
  const each = aside.map((state) => `${state} ${counts[state]}`).join(', ')
  return [
    ...(rows.length > 0 ? tableLines(columns, rows, 160) : []),
    words === '' ? `${what} is as the manifest says.` : words,
    ...(of('mendable') > 0 ? ['--repair mends what is mendable.'] : []),
    ...(aside.length > 0
      ? [`Set aside until a person acts: ${each}; belay files --state ${aside.join(',')} says why.`]
      : []),
  ]
}

/** The same for programs. */
export const verifyForPrograms = ({ found, unseen }: Looked, counts: Counts) => ({
  findings: found.map(({ grade, path, what }) => ({ grade, path, what })),
  setAside: Object.fromEntries(asideIn(counts).map((state) => [state, counts[state]])),
  /** Why not all of the server was seen. */
  unseen: unseen?.message ?? null,
})

const asideIn = (counts: Counts) => setAside.filter((state) => counts[state] > 0)

import { openManifestBeside } from '../adapters/manifest/open-beside.ts'
import { fileStates } from '../domain/file-state.ts'
import { isoTime } from '../domain/units.ts'
import type { FileList, FileQuestion, FileView } from '../inspection-feed/file-protocol.ts'
import type { Clock } from '../ports/clock.ts'
import { createFileBook } from '../slots/file-book.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configWithoutSecrets } from './read-config.ts'
import { type Column, tableLines } from './terminal/table.ts'
import { interruptionOf } from './terminal/interruption.ts'
import type { Terminal } from './terminal/terminal.ts'
import { withManifest } from './manifest/with-manifest.ts'

export interface FilesOptions extends FileQuestion {
  /** In the words of `GET /api/files`, for programs. */
  readonly json?: boolean
}

const columns: readonly Column[] = [
  { title: 'id', align: 'right' },
  { title: 'state' },
  { title: 'sealed' },
  { title: 'rows', align: 'right' },
  { title: 'bytes', align: 'right' },
  { title: 'failed tries', align: 'right' },
  { title: 'next try' },
  { title: 'file' },
]

/** `belay files`: the manifest's files, the oldest first unless asked otherwise, beside a daemon that may be running; then how many are in each state. */
export const filesCommand = async (
  file: string,
  { json, ...question }: FilesOptions,
  terminal: Terminal,
  clock: Clock,
): Promise<ExitCode> => {
  const config = await configWithoutSecrets(file, terminal)
  const signal = interruptionOf(terminal)
  return withManifest(config, terminal, openManifestBeside, async (manifest) => {
    const list = await createFileBook(() => manifest, clock).list(question)
    signal.throwIfAborted()
    for (const line of json === true ? [JSON.stringify(list)] : linesOf(list, question)) terminal.out(`${line}\n`)
    return exitCodes.ok
  })
}

function linesOf({ files, more, counts }: FileList, { limit }: FileQuestion): string[] {
  const named = fileStates.filter((state) => counts[state] > 0).map((state) => `${state} ${counts[state]}`)
  return [
    ...(files.length > 0 ? tableLines(columns, files.map(cells), 160) : []),
    ...(more ? [`More than ${limit}; --limit shows more.`] : []),
    `${files.length} shown. In the whole manifest: ${named.join(', ') || 'no file'}`,
  ]
}

const cells = ({ id, state, sealedAt, rows, bytes, attempts, dueAt, path, why }: FileView): string[] => [
  String(id),
  state,
  isoTime(sealedAt),
  String(rows),
  String(bytes),
  String(attempts),
  dueAt === null ? '' : isoTime(dueAt),
  why === null ? path : `${path} ${why}`,
]

import { openManifestBeside } from '../adapters/manifest/open-beside.ts'
import { type FileState, fileStates } from '../domain/file-state.ts'
import type { CameraId } from '../domain/ids.ts'
import { epochMs, isoTime, type Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileEntry } from '../ports/manifest.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { configWithoutSecrets } from './read-config.ts'
import { type Column, tableLines } from './terminal/table.ts'
import { interruptionOf } from './terminal/interruption.ts'
import type { Terminal } from './terminal/terminal.ts'
import { withManifest } from './manifest/with-manifest.ts'

export interface FilesOptions {
  readonly states?: readonly FileState[]
  readonly camera?: CameraId
  /** Sealed so long ago, or longer. */
  readonly olderThan?: Milliseconds
  /** The newest first. */
  readonly newest?: boolean
  /** Lines at most. */
  readonly limit: number
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
  options: FilesOptions,
  terminal: Terminal,
  clock: Clock,
): Promise<ExitCode> => {
  const config = await configWithoutSecrets(file, terminal)
  const signal = interruptionOf(terminal)
  return withManifest(config, terminal, openManifestBeside, async (manifest) => {
    const { states, camera, olderThan, newest, limit } = options
    const files = await manifest.files({
      ...(states !== undefined && { states }),
      ...(camera !== undefined && { cameraId: camera }),
      ...(olderThan !== undefined && { sealedBefore: epochMs(clock.now() - olderThan) }),
      ...(newest !== undefined && { newestFirst: newest }),
      limit: limit + 1,
    })
    signal.throwIfAborted()
    const shown = files.slice(0, limit)
    if (shown.length > 0) for (const line of tableLines(columns, shown.map(cells), 160)) terminal.out(`${line}\n`)
    if (files.length > limit) terminal.out(`More than ${limit}; --limit shows more.\n`)
    const counts = await manifest.counts()
    const named = fileStates.filter((state) => counts[state] > 0).map((state) => `${state} ${counts[state]}`)
    terminal.out(`${shown.length} shown. In the whole manifest: ${named.join(', ') || 'no file'}\n`)
    return exitCodes.ok
  })
}

const cells = ({ id, state, sealedAt, rows, bytes, attempts, dueAt, path, why }: FileEntry): string[] => [
  String(id),
  state,
  isoTime(sealedAt),
  String(rows),
  String(bytes),
  String(attempts),
  // 0: at once.
  state === 'pending' && dueAt > 0 ? isoTime(dueAt) : '',
  why === undefined ? path : `${path} ${why}`,
]

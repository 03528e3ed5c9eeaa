import { type FileState, perState } from '../../domain/file-state.ts'
import { IllegalFileStateError } from '../../domain/illegal-file-state-error.ts'
import { type EpochMs, epochMs } from '../../domain/units.ts'
import type { FileEntry, FileEvent, FileQuery, ManifestRecords } from '../../ports/manifest.ts'
import { CommitQueue } from './commit-queue.ts'
import type { SqliteDatabase, SqlRow } from './sqlite-database.ts'
import type { Statements } from './statements.ts'

/** The part of the manifest that another process may use beside the daemon. */
export class SqliteRecords implements ManifestRecords {
  protected readonly queue: CommitQueue

  constructor(
    protected readonly db: SqliteDatabase,
    protected readonly sql: Statements,
  ) {
    this.queue = new CommitQueue(db)
  }

  files({ states, cameraId, sealedBefore, afterId, newestFirst = false, limit }: FileQuery): Promise<FileEntry[]> {
    return this.queue.do(async () => {
      const named = states === undefined ? null : JSON.stringify(states)
      const asked = newestFirst ? this.sql.newestFiles : this.sql.files
      return (await asked.all(afterId ?? 0, named, cameraId ?? null, sealedBefore ?? null, limit)).map(entry)
    })
  }

  has(path: string): Promise<boolean> {
    return this.queue.do(() => this.sql.known.get(path) !== undefined)
  }

  members(id: number): Promise<string[]> {
    return this.queue.do(async () => (await this.sql.members.all(id)).map(({ path }) => String(path)))
  }

  history(id: number): Promise<FileEvent[]> {
    return this.queue.do(async () => (await this.sql.history.all(id)).map(event))
  }

  counts(): Promise<Record<FileState, number>> {
    return this.queue.do(() => this.total('files'))
  }

  rowCounts(): Promise<Record<FileState, number>> {
    return this.queue.do(() => this.total('rows'))
  }

  resend(id: number, why: string, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      if (this.sql.resend.run(at, why, id).changes === 0) throw this.illegal(id, 'pending')
    })
  }

  async close(): Promise<void> {
    await this.queue.close()
    this.db.close()
  }

  protected illegal(id: number, to: FileState): IllegalFileStateError {
    const found = this.sql.stateOf.get(id)
    return new IllegalFileStateError(
      String(found?.['path'] ?? `file ${id}`),
      `a change to ${to}`,
      String(found?.['state'] ?? 'nothing'),
    )
  }

  protected total(column: 'files' | 'rows'): Record<FileState, number> {
    return perState((state) => Number(this.sql.total.get(state)?.[column]))
  }
}

export const entry = (row: SqlRow): FileEntry => ({
  id: Number(row['id']),
  path: String(row['path']),
  bytes: Number(row['bytes']),
  sha256: String(row['sha256']),
  rows: Number(row['rows']),
  priority: Number(row['priority']),
  state: row['state'] as FileState,
  attempts: Number(row['attempts']),
  faults: Number(row['faults']),
  ambiguous: row['ambiguous'] === 1,
  sealedAt: epochMs(Number(row['sealed_at'])),
  dueAt: epochMs(Number(row['due_at'])),
  changedAt: epochMs(Number(row['changed_at'])),
  why: row['why'] === null ? undefined : String(row['why']),
})

const event = (row: SqlRow): FileEvent => ({
  at: epochMs(Number(row['at'])),
  boot: row['boot'] === null ? undefined : Number(row['boot']),
  from: row['from_state'] === null ? undefined : (row['from_state'] as FileState),
  to: row['to_state'] as FileState,
  why: row['why'] === null ? undefined : String(row['why']),
})

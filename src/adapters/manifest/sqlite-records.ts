import { type FileState, perState } from '../../domain/file-state.ts'
import { IllegalFileStateError } from '../../domain/illegal-file-state-error.ts'
import type { EpochMs } from '../../domain/units.ts'
import type { FileEntry, FileEvent, FileQuery, ManifestRecords } from '../../ports/manifest.ts'
import { CommitQueue } from './commit-queue.ts'
import { entry, type FileReads } from './file-reads.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import type { Statements } from './statements.ts'

/** The part of the manifest that another process may use beside the daemon. */
export class SqliteRecords implements ManifestRecords {
  protected readonly queue: CommitQueue

  constructor(
    protected readonly db: SqliteDatabase,
    protected readonly sql: Statements,
    protected readonly reads: FileReads,
  ) {
    this.queue = new CommitQueue(db)
  }

  files(query: FileQuery): Promise<FileEntry[]> {
    return this.reads.files(query)
  }

  has(path: string): Promise<boolean> {
    return this.queue.do(() => this.sql.known.get(path) !== undefined)
  }

  members(id: number): Promise<FileEntry[]> {
    return this.queue.do(async () => (await this.sql.members.all(id)).map(entry))
  }

  history(id: number): Promise<FileEvent[]> {
    return this.reads.history(id)
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

  giveUp(id: number, why: string, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      if (this.sql.change.run('lost', at, why, id, 'refused').changes === 0) throw this.illegal(id, 'lost')
    })
  }

  async close(): Promise<void> {
    await this.queue.close()
    await this.reads.close()
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

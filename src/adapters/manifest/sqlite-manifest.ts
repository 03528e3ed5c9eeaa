import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { OperatingError } from '../../domain/errors.ts'
import { IllegalFileStateError } from '../../domain/illegal-file-state-error.ts'
import type { BootNumber } from '../../domain/ids.ts'
import type { SealedFile } from '../../domain/sealed-file.ts'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'
import { type EpochMs, epochMs } from '../../domain/units.ts'
import type { FileEntry, FileState, Manifest } from '../../ports/manifest.ts'
import { CommitQueue } from './commit-queue.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { migrate } from './migrate.ts'
import { schemaSteps } from './schema.ts'
import { SqliteDatabase, type SqlRow } from './sqlite-database.ts'
import { prepareStatements, type Statements } from './statements.ts'

/** The manifest's file in the data folder. */
export const manifestFile = 'manifest.sqlite'

/**
 * Opens the manifest of a data folder, creating or migrating it, and holds the folder for this process until `close`.
 *
 * Write-ahead log with synchronous=FULL: what has resolved survives a power cut, and other programs may read meanwhile.
 * libsql's promise API is used because its COMMIT, where the disk is waited for, runs on another thread; the statements
 * within a transaction run on this one and take microseconds.
 *
 * @throws {ManifestInUseError} another process holds the folder.
 * @throws {ManifestTooNewError}
 * @throws {ManifestFailedError}
 */
export async function openSqliteManifest(folder: string): Promise<Manifest> {
  try {
    await mkdir(folder, { recursive: true })
    return await openIn(folder)
  } catch (error) {
    // A folder that cannot be made, a full disk: the system's own words, which SQLite did not get to say.
    const { code, syscall } = error as NodeJS.ErrnoException
    if (error instanceof OperatingError || code === undefined || syscall === undefined) throw error
    throw new ManifestFailedError(join(folder, manifestFile), syscall, code, { cause: error })
  }
}

async function openIn(folder: string): Promise<Manifest> {
  const lock = await lockFolder(folder)
  let db: SqliteDatabase | undefined
  try {
    db = new SqliteDatabase(join(folder, manifestFile))
    // A plain `sqlite3` may be writing: wait for it for 5 s. The wait is on another thread.
    await db.exec('PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON', 'open')
    // Read back: SQLite goes on without them where it can't have them, as on some network file systems.
    await db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL', 'open')
    await expectPragma(db, 'journal_mode', 'wal')
    await expectPragma(db, 'synchronous', 2)
    await migrate(db, schemaSteps)
    // A power cut must not forget the manifest's name.
    await syncFolder(folder)
    return new SqliteManifest(db, lock, await prepareStatements(db))
  } catch (error) {
    db?.close()
    await lock.release()
    throw error
  }
}

class SqliteManifest implements Manifest {
  readonly #queue: CommitQueue

  constructor(
    private readonly db: SqliteDatabase,
    private readonly lock: FolderLock,
    private readonly sql: Statements,
  ) {
    this.#queue = new CommitQueue(db)
  }

  beginBoot(at: EpochMs): Promise<BootNumber> {
    return this.#queue.do(() => {
      this.sql.release.run(at, 'left in sending by another boot')
      this.sql.beginBoot.run(at)
      return Number(this.sql.boot.get()?.['number'])
    })
  }

  release(at: EpochMs): Promise<number> {
    return this.#queue.do(() => {
      const left = this.#counts('files').sending
      this.sql.release.run(at, 'left in sending by an uploader that is gone')
      return left
    })
  }

  add({ path, bytes, sha256, rows }: SealedFile, sealedAt: EpochMs): Promise<void> {
    return this.#queue.do(() => {
      const known = this.sql.digest.get(path)?.['sha256']
      if (known === sha256) return
      if (known !== undefined) throw new IllegalFileStateError(path, `add with digest ${sha256}`, `digest ${known}`)
      this.sql.add.run(path, bytes, sha256, rows, sealedAt, sealedAt)
    })
  }

  has(path: string): Promise<boolean> {
    return this.#queue.do(() => this.sql.digest.get(path) !== undefined)
  }

  claim(limit: number, now: EpochMs): Promise<FileEntry[]> {
    return this.#queue.do(async () => {
      const rows = await this.sql.claim.all(now, now, limit)
      return rows.map(entry).sort((a, b) => a.id - b.id)
    })
  }

  delivered(id: number, at: EpochMs): Promise<void> {
    return this.#leaveSending(id, 'delivered', at, null)
  }

  retry(id: number, change: Parameters<Manifest['retry']>[1]): Promise<void> {
    const { dueAt, ambiguous, counted, why, at } = change
    return this.#queue.do(() => {
      const { changes } = this.sql.retry.run(at, why, dueAt, Number(ambiguous), Number(counted), id)
      if (changes === 0) throw this.#illegal(id, 'pending')
    })
  }

  conflict(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#leaveSending(id, 'conflict', at, why)
  }

  refuse(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#leaveSending(id, 'refused', at, why)
  }

  counts(): Promise<Record<FileState, number>> {
    return this.#queue.do(() => this.#counts('files'))
  }

  rowCounts(): Promise<Record<FileState, number>> {
    return this.#queue.do(() => this.#counts('rows'))
  }

  nextDue(): Promise<EpochMs | undefined> {
    return this.#queue.do(() => {
      const due = this.sql.nextDue.get()?.['due_at']
      return typeof due === 'number' ? epochMs(due) : undefined
    })
  }

  async close(): Promise<void> {
    await this.#queue.close()
    try {
      await this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)', 'checkpoint')
    } finally {
      // libsql closes the files themselves when it collects the statements; everything is in them already.
      this.db.close()
      await this.lock.release()
    }
  }

  #leaveSending(id: number, to: FileState, at: EpochMs, why: string | null): Promise<void> {
    return this.#queue.do(() => {
      if (this.sql.leaveSending.run(to, at, why, id).changes === 0) throw this.#illegal(id, to)
    })
  }

  #illegal(id: number, to: FileState): IllegalFileStateError {
    const found = this.sql.stateOf.get(id)
    return new IllegalFileStateError(
      String(found?.['path'] ?? `file ${id}`),
      `sending → ${to}`,
      String(found?.['state'] ?? 'nothing'),
    )
  }

  #counts(column: 'files' | 'rows'): Record<FileState, number> {
    const of = (state: FileState): number => Number(this.sql.total.get(state)?.[column])
    return {
      pending: of('pending'),
      sending: of('sending'),
      delivered: of('delivered'),
      conflict: of('conflict'),
      refused: of('refused'),
    }
  }
}

async function expectPragma(db: SqliteDatabase, name: string, expected: string | number): Promise<void> {
  const found = (await db.prepare(`PRAGMA ${name}`)).get()?.[name]
  if (found !== expected) throw new ManifestFailedError(db.file, 'open', `${name} ${found}, expected ${expected}`)
}

const entry = (row: SqlRow): FileEntry => ({
  id: Number(row['id']),
  path: String(row['path']),
  bytes: Number(row['bytes']),
  sha256: String(row['sha256']),
  rows: Number(row['rows']),
  state: 'sending',
  attempts: Number(row['attempts']),
  ambiguous: row['ambiguous'] === 1,
  sealedAt: epochMs(Number(row['sealed_at'])),
})

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

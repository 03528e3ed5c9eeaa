import { mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FileState } from '../../domain/file-state.ts'
import { IllegalFileStateError } from '../../domain/illegal-file-state-error.ts'
import type { BootNumber } from '../../domain/ids.ts'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'
import { manifestFile } from '../../domain/manifest-files.ts'
import type { ImageFacts, SealedFile } from '../../domain/sealed-file.ts'
import { type EpochMs, epochMs } from '../../domain/units.ts'
import type { FileEntry, Manifest, Place, Retry } from '../../ports/manifest.ts'
import { DatabaseCopies } from './copy-database.ts'
import { entry, FileReads } from './file-reads.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { migrate } from './migrate.ts'
import { schemaSteps } from './schema.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { SqliteRecords } from './sqlite-records.ts'
import { prepareStatements, type Statements } from './statements.ts'
import { orManifestFails } from './system-failure.ts'

/** What the write-ahead log holds while nobody reads for long, and one transaction more: 4 MiB. */
const logPages = 1024

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
export const openSqliteManifest = (folder: string): Promise<Manifest> =>
  orManifestFails(join(folder, manifestFile), async () => {
    await mkdir(folder, { recursive: true })
    return openIn(folder)
  })

async function openIn(folder: string): Promise<Manifest> {
  const lock = await lockFolder(folder)
  let db: SqliteDatabase | undefined
  try {
    db = new SqliteDatabase(join(folder, manifestFile))
    // A plain `sqlite3` may be writing: wait for it for 5 s. The wait is on another thread.
    await db.exec('PRAGMA busy_timeout = 5000', 'open')
    // Read back: SQLite goes on without them where it can't have them, as on some network file systems.
    await db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL', 'open')
    // Copied into the database every so many pages. A reader that stays keeps it growing; once it has gone, the file is cut
    // back to this.
    await db.exec(`PRAGMA wal_autocheckpoint = ${logPages}; PRAGMA journal_size_limit = ${logPages * 4096}`, 'open')
    await expectPragma(db, 'journal_mode', 'wal')
    await expectPragma(db, 'synchronous', 2)
    // Without foreign keys, which libsql has on: a table that others refer to could not be made anew.
    await db.exec('PRAGMA foreign_keys = OFF', 'open')
    await migrate(db, schemaSteps)
    await db.exec('PRAGMA foreign_keys = ON', 'open')
    // A power cut must not forget the manifest's name.
    await syncFolder(folder)
    return new SqliteManifest(db, await prepareStatements(db), await FileReads.open(db.file), lock)
  } catch (error) {
    db?.close()
    await lock.release()
    throw error
  }
}

class SqliteManifest extends SqliteRecords implements Manifest {
  readonly #copies: DatabaseCopies

  constructor(
    db: SqliteDatabase,
    sql: Statements,
    reads: FileReads,
    private readonly lock: FolderLock,
  ) {
    super(db, sql, reads)
    this.#copies = new DatabaseCopies(db.file)
  }

  beginBoot(at: EpochMs): Promise<BootNumber> {
    return this.queue.do(() => {
      this.sql.release.run(at, 'left in sending by another boot')
      this.sql.beginBoot.run(at)
      return Number(this.sql.boot.get()?.['number'])
    })
  }

  release(at: EpochMs): Promise<number> {
    return this.queue.do(() => this.sql.release.run(at, 'left in sending by an uploader that is gone').changes)
  }

  add(file: SealedFile, sealedAt: EpochMs, as: 'pending' | 'held' = 'pending'): Promise<void> {
    return this.queue.do(() => void this.#add(file, sealedAt, as))
  }

  addImage(file: SealedFile, image: ImageFacts, sealedAt: EpochMs): Promise<void> {
    return this.queue.do(() => {
      const id = this.#add(file, sealedAt, 'pending')
      if (id === undefined) return
      const { cameraId, epoch, frame, capturedAt, widthPx, heightPx } = image
      this.sql.addImage.run(id, cameraId, epoch, frame, capturedAt, widthPx, heightPx)
    })
  }

  pack(paths: readonly string[], into: SealedFile, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      for (const path of paths) this.#expectHeld(path, into)
      const id = this.#add(into, at, 'pending')
      if (id === undefined) return
      for (const path of paths) this.sql.pack.run(id, at, `in ${into.path}`, path)
    })
  }

  unhold(at: EpochMs): Promise<number> {
    return this.queue.do(() => this.sql.unhold.run(at, 'no longer held').changes)
  }

  claim(limit: number, now: EpochMs): Promise<FileEntry[]> {
    return this.queue.do(async () => {
      const rows = await this.sql.claim.all(now, now, limit)
      return rows.map(entry).sort((a, b) => b.priority - a.priority || a.id - b.id)
    })
  }

  delivered(id: number, at: EpochMs): Promise<void> {
    return this.#change(id, ['sending'], 'delivered', null, at)
  }

  retry(id: number, { dueAt, ambiguous, blame, why, at }: Retry): Promise<void> {
    return this.queue.do(() => {
      const counted = Number(blame !== 'session')
      const { changes } = this.sql.retry.run(at, why, dueAt, Number(ambiguous), counted, Number(blame === 'file'), id)
      if (changes === 0) throw this.illegal(id, 'pending')
    })
  }

  conflict(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#change(id, ['sending', 'delivered'], 'conflict', why, at)
  }

  refuse(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#change(id, ['sending'], 'refused', why, at)
  }

  deadLetter(id: number, why: string, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      if (this.sql.deadLetter.run(at, why, id).changes === 0) throw this.illegal(id, 'deadLetter')
    })
  }

  deliveredBefore(before: EpochMs, limit: number, after?: Place): Promise<FileEntry[]> {
    const [changedAt, id] = after === undefined ? [Number.MIN_SAFE_INTEGER, 0] : [after.changedAt, after.id]
    return this.queue.do(async () => (await this.sql.deliveredBefore.all(before, changedAt, id, limit)).map(entry))
  }

  removed(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#change(id, ['delivered'], 'removed', why, at)
  }

  nextDue(): Promise<EpochMs | undefined> {
    return this.queue.do(() => {
      const due = this.sql.nextDue.get()?.['due_at']
      return typeof due === 'number' ? epochMs(due) : undefined
    })
  }

  oldestUndelivered(): Promise<EpochMs | undefined> {
    return this.queue.do(() => {
      const sealed = this.sql.oldest.get()?.['sealed_at']
      return typeof sealed === 'number' ? epochMs(sealed) : undefined
    })
  }

  copyBytes(): Promise<number> {
    return this.#copies.bytes()
  }

  copyTo(path: string): Promise<void> {
    return this.#copies.make(join(dirname(this.db.file), path))
  }

  override async close(): Promise<void> {
    await this.queue.close()
    await this.reads.close()
    await this.#copies.close()
    try {
      await this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)', 'checkpoint')
    } finally {
      // libsql closes the files themselves when it collects the statements; everything is in them already.
      this.db.close()
      await this.lock.release()
    }
  }

  #change(id: number, from: readonly FileState[], to: FileState, why: string | null, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      if (!from.some((state) => this.sql.change.run(to, at, why, id, state).changes > 0)) throw this.illegal(id, to)
    })
  }

  /** Its id; `undefined` where it is known already. Throws before anything is written. */
  #add({ path, bytes, sha256, rows, priority }: SealedFile, at: EpochMs, as: FileState): number | undefined {
    const known = this.sql.known.get(path)?.['sha256']
    if (known === sha256) return undefined
    if (known !== undefined) throw new IllegalFileStateError(path, `add with digest ${sha256}`, `digest ${known}`)
    return Number(this.sql.add.get(path, bytes, sha256, rows, priority, as, at, at)?.['id'])
  }

  /** What is packed already is fine where `into` is known: the caller asks once more for what was done. */
  #expectHeld(path: string, into: SealedFile): void {
    const state = this.sql.stateOfPath.get(path)?.['state']
    const again = state === 'packed' && this.sql.known.get(into.path)?.['sha256'] === into.sha256
    if (state !== 'held' && !again) throw new IllegalFileStateError(path, 'held → packed', String(state ?? 'nothing'))
  }
}

async function expectPragma(db: SqliteDatabase, name: string, expected: string | number): Promise<void> {
  const found = (await db.prepare(`PRAGMA ${name}`)).get()?.[name]
  if (found !== expected) throw new ManifestFailedError(db.file, 'open', `${name} ${found}, expected ${expected}`)
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

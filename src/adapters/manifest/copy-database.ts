import { rename, rm } from 'node:fs/promises'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { syncPath } from './sync-path.ts'

/**
 * Copies a database, its write-ahead log included, by SQLite itself. The copy has its name only when it is whole and on the
 * disk; the folder is not synced.
 *
 * @throws {ManifestFailedError} nothing is left of it.
 */
export async function copyDatabase(db: SqliteDatabase, path: string, call: string): Promise<void> {
  const unfinished = `${path}.unfinished`
  try {
    await rm(unfinished, { force: true })
    try {
      await db.exec(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`, call)
      await syncPath(unfinished)
      await rename(unfinished, path)
    } catch (error) {
      // On a full disk it would take the room that is missing.
      await rm(unfinished, { force: true })
      throw error
    }
  } catch (error) {
    throw db.explained(call, error)
  }
}

/**
 * Copies of a database that is open. Each is made on a connection of its own and on another thread: nobody else waits for it.
 *
 * Never by reading the file: whoever closes any descriptor of it lets go of all locks that this process has on it, and the
 * next program to look would take the log for nobody's, copy it and delete it. SQLite knows of all its own descriptors.
 */
export class DatabaseCopies {
  readonly #underWay = new Set<Promise<void>>()
  #closed = false

  constructor(private readonly file: string) {}

  /** What a copy may take. @throws {ManifestFailedError} */
  async bytes(): Promise<number> {
    return this.#connected(async (db) => {
      const pages = (await db.prepare('PRAGMA page_count')).get()?.['page_count']
      const pageBytes = (await db.prepare('PRAGMA page_size')).get()?.['page_size']
      return Number(pages) * Number(pageBytes)
    })
  }

  /** @throws {ManifestFailedError} */
  make(path: string): Promise<void> {
    return this.#connected((db) => copyDatabase(db, path, 'copy'))
  }

  /** Lets those under way come to their end, and refuses others. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#underWay)
  }

  async #connected<Result>(work: (db: SqliteDatabase) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new ManifestFailedError(this.file, 'a call', 'closed by ourselves')
    const db = new SqliteDatabase(this.file)
    const working = db.exec('PRAGMA busy_timeout = 5000', 'open').then(() => work(db))
    const settled = working.then(
      () => undefined,
      () => undefined,
    )
    this.#underWay.add(settled)
    try {
      return await working
    } finally {
      this.#underWay.delete(settled)
      db.close()
    }
  }
}

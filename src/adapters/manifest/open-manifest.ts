import { dirname, join } from 'node:path'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'
import { manifestFile } from '../../domain/manifest-files.ts'
import type { Manifest } from '../../ports/manifest.ts'
import { makeFolder } from '../make-folder.ts'
import { FileReads } from './file-reads.ts'
import { lockFolder } from './folder-lock.ts'
import { migrate } from './migrate.ts'
import { schemaSteps } from './schema.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { SqliteManifest } from './sqlite-manifest.ts'
import { prepareStatements } from './statements.ts'
import { syncPath } from './sync-path.ts'
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
    // A power cut must not forget the folder either.
    for (const made of await makeFolder(folder)) await syncPath(dirname(made))
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
    await syncPath(folder)
    return new SqliteManifest(db, await prepareStatements(db), await FileReads.open(db.file), lock)
  } catch (error) {
    db?.close()
    await lock.release()
    throw error
  }
}

async function expectPragma(db: SqliteDatabase, name: string, expected: string | number): Promise<void> {
  const found = (await db.prepare(`PRAGMA ${name}`)).get()?.[name]
  if (found !== expected) throw new ManifestFailedError(db.file, 'open', `${name} ${found}, expected ${expected}`)
}

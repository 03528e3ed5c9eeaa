import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ManifestFailedError, ManifestInUseError } from '../../domain/manifest-errors.ts'
import { manifestLockFile, manifestPidFile } from '../../domain/manifest-files.ts'
import { isThere } from './is-there.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { orManifestFails } from './system-failure.ts'

/** Held until released, or until the process is gone in whatever way. */
export interface FolderLock {
  release(): Promise<void>
}

/**
 * Makes this process the only daemon on a data folder.
 *
 * The lock is an exclusive transaction on an empty SQLite file beside the manifest: a lock of the operating system, which
 * lets go of it when the process dies, kill -9 included, so nobody ever has to clean up. It also holds between two openers
 * of one process. Locking the manifest itself instead would shut out the plain `sqlite3` program.
 *
 * @throws {ManifestInUseError}
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const db = new SqliteDatabase(join(folder, manifestLockFile))
  const pidFile = join(folder, manifestPidFile)
  try {
    // Who only looks whether it is held holds it for a millisecond.
    await db.exec('PRAGMA busy_timeout = 250; BEGIN EXCLUSIVE', 'lock')
  } catch (error) {
    db.close()
    if (error instanceof ManifestFailedError && error.sqliteCode === 'SQLITE_BUSY') {
      throw new ManifestInUseError(folder, await holder(pidFile), { cause: error })
    }
    throw error
  }
  // Only for the other one's message. It may be stale where no lock is held; nothing is ever decided by it.
  try {
    await writeFile(pidFile, `${process.pid}\n`)
  } catch (error) {
    db.close()
    throw error
  }
  return {
    async release() {
      try {
        await db.exec('ROLLBACK', 'unlock')
      } finally {
        db.close()
      }
    },
  }
}

export interface FolderHolder {
  /** Where the system tells. */
  readonly pid: number | undefined
}

/**
 * Who is on the folder: a daemon, or a command that works on a folder at rest; `undefined`: nobody. Nothing is written.
 *
 * @throws {ManifestFailedError} it cannot be told, as where this user may not look.
 */
export async function folderHolder(folder: string): Promise<FolderHolder | undefined> {
  const file = join(folder, manifestLockFile)
  // Looking at what isn't there would make it.
  if (!(await orManifestFails(file, () => isThere(file)))) return undefined
  const db = new SqliteDatabase(file)
  try {
    await db.exec('SELECT 1 FROM sqlite_schema', 'look at the lock')
    return undefined
  } catch (error) {
    if (!(error instanceof ManifestFailedError) || error.sqliteCode !== 'SQLITE_BUSY') throw error
    return { pid: await holder(join(folder, manifestPidFile)) }
  } finally {
    db.close()
  }
}

async function holder(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '')
  return /^\d+\n$/.test(text) ? Number(text) : undefined
}

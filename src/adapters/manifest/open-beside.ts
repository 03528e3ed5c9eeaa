import { join } from 'node:path'
import { ManifestMissingError, ManifestTooNewError, ManifestTooOldError } from '../../domain/manifest-errors.ts'
import { manifestFile } from '../../domain/manifest-files.ts'
import type { ManifestRecords } from '../../ports/manifest.ts'
import { FileReads } from './file-reads.ts'
import { lockFolder } from './folder-lock.ts'
import { isThere } from './is-there.ts'
import { schemaVersion } from './migrate.ts'
import { schemaSteps } from './schema.ts'
import { SqliteDatabase } from './sqlite-database.ts'
import { SqliteRecords } from './sqlite-records.ts'
import { prepareStatements } from './statements.ts'
import { orManifestFails } from './system-failure.ts'

/**
 * Opens the manifest of a data folder beside a daemon that may have it open: without the folder's lock, and neither made
 * nor migrated.
 *
 * @throws {ManifestMissingError} @throws {ManifestTooOldError} @throws {ManifestTooNewError} @throws {ManifestFailedError}
 */
export const openManifestBeside = (folder: string): Promise<ManifestRecords> =>
  orManifestFails(join(folder, manifestFile), () => openBeside(folder))

async function openBeside(folder: string): Promise<ManifestRecords> {
  const file = join(folder, manifestFile)
  // SQLite would make one.
  if (!(await isThere(file))) throw new ManifestMissingError(file)
  const db = new SqliteDatabase(file)
  try {
    const { found, known } = await versionOf(db)
    if (found < known) throw new ManifestTooOldError(file, found, known)
    return new SqliteRecords(db, await prepareStatements(db), await FileReads.open(file))
  } catch (error) {
    db.close()
    throw error
  }
}

export interface ManifestVersion {
  readonly found: number
  /** To this Belay, whose start brings an older one up to it. */
  readonly known: number
}

/**
 * The schema version of the manifest in a data folder, beside a daemon that may have it open; `undefined`: there is none. Nothing is
 * changed.
 *
 * @throws {ManifestTooNewError} @throws {ManifestFailedError}
 */
export const manifestVersion = (folder: string): Promise<ManifestVersion | undefined> =>
  orManifestFails(join(folder, manifestFile), async () => {
    const file = join(folder, manifestFile)
    if (!(await isThere(file))) return undefined
    const db = new SqliteDatabase(file)
    try {
      return await versionOf(db)
    } finally {
      db.close()
    }
  })

async function versionOf(db: SqliteDatabase): Promise<ManifestVersion> {
  await db.exec('PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL', 'open')
  const [found, known] = [await schemaVersion(db), schemaSteps.length]
  if (found > known) throw new ManifestTooNewError(db.file, found, known)
  return { found, known }
}

/**
 * The same as `openManifestBeside`, and no daemon may run on the folder until it is closed.
 *
 * @throws {ManifestInUseError} one does. @throws {ManifestFailedError}
 */
export const openManifestAtRest = (folder: string): Promise<ManifestRecords> =>
  orManifestFails(join(folder, manifestFile), () => openAtRest(folder))

async function openAtRest(folder: string): Promise<ManifestRecords> {
  const file = join(folder, manifestFile)
  // The lock would be made beside it, in a folder that may not be ours.
  if (!(await isThere(file))) throw new ManifestMissingError(file)
  const lock = await lockFolder(folder)
  try {
    const records = await openBeside(folder)
    const close = records.close.bind(records)
    return Object.assign(records, { close: () => close().finally(() => lock.release()) })
  } catch (error) {
    await lock.release()
    throw error
  }
}

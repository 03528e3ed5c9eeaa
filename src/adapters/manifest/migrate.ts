import { dirname } from 'node:path'
import { ManifestTooNewError } from '../../domain/manifest-errors.ts'
import { copyDatabase } from './copy-database.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { syncPath } from './sync-path.ts'

/** Where the copy of a manifest of `version` is kept before it is migrated. */
export const keptCopy = (file: string, version: number): string => `${file}.v${version}`

/**
 * Brings the schema up to the last step, each step in one transaction with its version number. A manifest that already holds
 * something is copied first, and the copy is kept.
 *
 * @throws {ManifestTooNewError} it was written by a newer Belay; nothing was touched.
 * @throws {ManifestFailedError}
 */
export async function migrate(db: SqliteDatabase, steps: readonly string[]): Promise<void> {
  const found = await schemaVersion(db)
  if (found > steps.length) throw new ManifestTooNewError(db.file, found, steps.length)
  if (found > 0 && found < steps.length) {
    await copyDatabase(db, keptCopy(db.file, found), 'copy before the migration')
    // Its name too: a power cut must not leave the new version and no way back.
    await syncPath(dirname(db.file))
  }
  for (const [index, step] of steps.entries()) {
    if (index < found) continue
    await db.exec('BEGIN IMMEDIATE', 'migrate')
    try {
      await db.exec(`${step}; PRAGMA user_version = ${index + 1}`, `migrate to version ${index + 1}`)
      await db.exec('COMMIT', 'migrate')
    } catch (error) {
      await db.exec('ROLLBACK', 'rollback').catch(() => undefined)
      throw error
    }
  }
}

export async function schemaVersion(db: SqliteDatabase): Promise<number> {
  const row = (await db.prepare('PRAGMA user_version')).get()
  return Number(row?.['user_version'])
}

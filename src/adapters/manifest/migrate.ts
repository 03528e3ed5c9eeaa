import { open, rename, rm } from 'node:fs/promises'
import { ManifestTooNewError } from '../../domain/manifest-errors.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

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
  if (found > 0 && found < steps.length) await keepCopy(db, keptCopy(db.file, found))
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

/** The copy holds what is in the write-ahead log too, and has its name only when it is whole and on the disk. */
async function keepCopy(db: SqliteDatabase, path: string): Promise<void> {
  const unfinished = `${path}.unfinished`
  await rm(unfinished, { force: true })
  await db.exec(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`, 'copy before the migration')
  const copy = await open(unfinished, 'r')
  try {
    await copy.sync()
  } finally {
    await copy.close()
  }
  await rename(unfinished, path)
}

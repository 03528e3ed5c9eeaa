import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keptCopy, migrate } from '../../../src/adapters/manifest/migrate.ts'
import { SqliteDatabase } from '../../../src/adapters/manifest/sqlite-database.ts'
import { ManifestFailedError, ManifestTooNewError } from '../../../src/domain/manifest-errors.ts'

const first = "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')"
const second = "ALTER TABLE notes ADD COLUMN author TEXT DEFAULT 'nobody'"
const broken = "INSERT INTO notes (text) VALUES ('half done'); INSERT INTO nowhere VALUES (1)"

let folder: string
let db: SqliteDatabase
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "belay-migrate-it's-"))
  db = new SqliteDatabase(join(folder, 'manifest.sqlite'))
})
afterEach(async () => {
  db.close()
  await rm(folder, { recursive: true })
})

const rows = async (from = db) => (await from.prepare('SELECT * FROM notes')).all()
const version = async (from = db) => (await from.prepare('PRAGMA user_version')).get()?.['user_version']

describe('a new manifest', () => {
  it('takes every step and keeps no copy of nothing', async () => {
    await migrate(db, [first, second])
    expect(await version()).toBe(2)
    expect(await rows()).toEqual([{ text: 'kept', author: 'nobody' }])
    expect(existsSync(keptCopy(db.file, 0))).toBe(false)
  })
})

describe('a manifest of an older version', () => {
  it('takes the steps that are missing, and a copy of what it was is kept', async () => {
    await migrate(db, [first])
    await migrate(db, [first, second])
    expect(await rows()).toEqual([{ text: 'kept', author: 'nobody' }])
    const copy = new SqliteDatabase(keptCopy(db.file, 1))
    expect(await version(copy)).toBe(1)
    expect(await rows(copy)).toEqual([{ text: 'kept' }])
    copy.close()
  })

  it('is as it was after a step that failed, and can be migrated later', async () => {
    await migrate(db, [first])
    await expect(migrate(db, [first, broken])).rejects.toThrow(ManifestFailedError)
    expect(await version()).toBe(1)
    expect(await rows()).toEqual([{ text: 'kept' }])
    await migrate(db, [first, second])
    expect(await version()).toBe(2)
  })
})

describe('a manifest of the same version', () => {
  it('is not touched or copied', async () => {
    await migrate(db, [first])
    await migrate(db, [first])
    expect(await rows()).toEqual([{ text: 'kept' }])
    expect(existsSync(keptCopy(db.file, 1))).toBe(false)
  })
})

describe('a manifest of a newer version', () => {
  it('is refused', async () => {
    await migrate(db, [first, second])
    await expect(migrate(db, [first])).rejects.toThrow(new ManifestTooNewError(db.file, 2, 1))
  })
})

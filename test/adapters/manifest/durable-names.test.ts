import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { migrate, schemaVersion } from '../../../src/adapters/manifest/migrate.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { SqliteDatabase } from '../../../src/adapters/manifest/sqlite-database.ts'

const synced = vi.hoisted(() => ({ paths: [] as string[], onSync: async (_path: string): Promise<void> => undefined }))
vi.mock('../../../src/adapters/manifest/sync-path.ts', async (original) => {
  const { syncPath } = await original<{ syncPath: (path: string) => Promise<void> }>()
  return {
    syncPath: async (path: string) => {
      await synced.onSync(path)
      synced.paths.push(path)
      await syncPath(path)
    },
  }
})

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-durable-'))
  synced.paths = []
  synced.onSync = async () => undefined
})
afterEach(() => rm(home, { recursive: true }))

describe('a data folder that is not there yet', () => {
  it('is synced by its name, and so is each that was made above it', async () => {
    const manifest = await openSqliteManifest(join(home, 'lib/belay'))
    await manifest.close()
    expect(synced.paths).toEqual([home, join(home, 'lib'), join(home, 'lib/belay')])
  })

  it('has nothing above it synced once it is there', async () => {
    for (let start = 1; start <= 2; start++) await (await openSqliteManifest(join(home, 'belay'))).close()
    expect(synced.paths).toEqual([home, join(home, 'belay'), join(home, 'belay')])
  })
})

describe('a manifest that is migrated', () => {
  it('has the name of its kept copy synced before it is another version', async () => {
    const db = new SqliteDatabase(join(home, 'manifest.sqlite'))
    const first = 'CREATE TABLE notes (text TEXT)'
    await migrate(db, [first])
    const versions: number[] = []
    synced.onSync = async (path) => {
      if (path === home) versions.push(await schemaVersion(db))
    }
    await migrate(db, [first, 'CREATE TABLE more (text TEXT)'])
    expect(versions).toEqual([1])
    expect(await schemaVersion(db)).toBe(2)
    db.close()
  })
})

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { manifestVersion } from '../../../src/adapters/manifest/open-beside.ts'
import { openSqliteManifest } from '../../../src/adapters/manifest/open-manifest.ts'
import { schemaSteps } from '../../../src/adapters/manifest/schema.ts'
import { SqliteDatabase } from '../../../src/adapters/manifest/sqlite-database.ts'
import { ManifestFailedError, ManifestTooNewError } from '../../../src/domain/manifest-errors.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-version-'))
})
afterEach(() => rm(folder, { recursive: true }))

const known = schemaSteps.length
const atVersion = async (version: number) => {
  const db = new SqliteDatabase(join(folder, 'manifest.sqlite'))
  await db.exec(`PRAGMA user_version = ${version}`)
  db.close()
}

describe('the version of a manifest', () => {
  it('is none where there is no manifest, nor a folder, and none is made', async () => {
    expect(await manifestVersion(folder)).toBeUndefined()
    expect(await manifestVersion(join(folder, 'data'))).toBeUndefined()
    expect(await readdir(folder)).toEqual([])
  })

  it('is told beside a daemon that has it open', async () => {
    const manifest = await openSqliteManifest(folder)
    expect(await manifestVersion(folder)).toEqual({ found: known, known })
    await manifest.close()
  })

  it('is told of an older one, which stays as it was', async () => {
    await (await openSqliteManifest(folder)).close()
    await atVersion(1)
    const before = await readdir(folder)
    for (const _ of [1, 2]) expect(await manifestVersion(folder)).toEqual({ found: 1, known })
    expect(await readdir(folder)).toEqual(before)
  })

  it('refuses that of a newer Belay, and what is no manifest', async () => {
    await atVersion(known + 1)
    await expect(manifestVersion(folder)).rejects.toThrow(ManifestTooNewError)
    await writeFile(join(folder, 'manifest.sqlite'), 'x'.repeat(4096))
    await expect(manifestVersion(folder)).rejects.toThrow(ManifestFailedError)
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, onTestFinished } from 'vitest'
import { openSqliteManifest } from '../../src/adapters/manifest/open-manifest.ts'
import { SqliteDatabase } from '../../src/adapters/manifest/sqlite-database.ts'
import { manifestFile } from '../../src/domain/manifest-files.ts'
import type { Manifest } from '../../src/ports/manifest.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { folderLockContract } from './folder-lock.contract.ts'
import { groupCommitContract, unlucky } from './group-commit.contract.ts'
import { manifestContract } from './manifest.contract.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

describe('the manifest in memory', () => manifestContract(async () => new MemoryManifest()))

describe('the manifest in SQLite', () => {
  const makeFolder = () => temporaryFolder('belay-manifest-')
  const openIn = async (folder: string): Promise<Manifest> => {
    const manifest = await openSqliteManifest(folder)
    onTestFinished(() => manifest.close())
    return manifest
  }
  const open = async (): Promise<Manifest> => openIn(await makeFolder())

  /** Another connection leaves a trigger whose row refers to nothing, which SQLite finds out at the COMMIT. */
  async function openUnlucky(): Promise<Manifest> {
    const folder = await makeFolder()
    const manifest = await openIn(folder)
    const other = new SqliteDatabase(join(folder, manifestFile))
    await other.exec(
      'CREATE TABLE owners (id INTEGER PRIMARY KEY);' +
        'CREATE TABLE owned (id INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED);' +
        `CREATE TRIGGER spoil AFTER INSERT ON files WHEN NEW.path LIKE '%${unlucky}%' ` +
        'BEGIN INSERT INTO owned VALUES (1); END',
    )
    other.close()
    return manifest
  }

  async function dieAmidPairs(): Promise<{ manifest: Manifest; known: number }> {
    const folder = await makeFolder()
    const program = fileURLToPath(new URL('./add-in-pairs.ts', import.meta.url))
    const child = spawn(process.execPath, ['--import', 'tsx', program, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    let known = 0
    for await (const line of createInterface(child.stdout)) {
      known = Number(line)
      // It is under way with the next ones.
      if (known >= 20) child.kill('SIGKILL')
    }
    await ended
    return { manifest: await openIn(folder), known }
  }

  manifestContract(open)
  folderLockContract(async () => {
    const folder = await makeFolder()
    return () => openSqliteManifest(folder)
  })
  groupCommitContract({ open: openUnlucky, dieAmidPairs })
})

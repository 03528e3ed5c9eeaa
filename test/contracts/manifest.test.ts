import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe } from 'vitest'
import { openSqliteManifest } from '../../src/adapters/manifest/open-manifest.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { manifestContract } from './manifest.contract.ts'

describe('the manifest in memory', () => manifestContract(async () => new MemoryManifest()))

describe('the manifest in SQLite', () => {
  const cleanUp: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const step of cleanUp.splice(0).reverse()) await step()
  })
  manifestContract(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'belay-manifest-'))
    cleanUp.push(() => rm(folder, { recursive: true }))
    const manifest = await openSqliteManifest(folder)
    cleanUp.push(() => manifest.close())
    return manifest
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe } from 'vitest'
import { NodeDisk } from '../../src/adapters/disk/node-disk.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { diskContract } from './disk.contract.ts'

describe('the disk in memory', () => diskContract(async () => new MemoryDisk()))

describe('the disk of the machine', () => {
  const folders: string[] = []
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
  })
  diskContract(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'belay-disk-'))
    folders.push(folder)
    return new NodeDisk(folder)
  })
})

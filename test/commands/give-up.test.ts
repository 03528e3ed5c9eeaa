import { beforeEach, describe, expect, it } from 'vitest'
import { giveUp } from '../../src/commands/give-up.ts'
import { sealed } from '../delivery/start-delivery.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

const clock = new VirtualClock()
const file = sealed(1, 'rows\n')

let manifest: MemoryManifest
let disk: MemoryDisk
beforeEach(async () => {
  manifest = new MemoryManifest()
  disk = new MemoryDisk()
  await manifest.add(file, clock.now())
  await manifest.claim(1, clock.now())
})

describe('a file that is given up', () => {
  it('has in words what is here in its place', async () => {
    await manifest.refuse(1, 'it is no longer what was sealed', clock.now())
    disk.put(file.path, 'row\n')
    expect(await giveUp(1, { manifest, disk, clock })).toBeUndefined()
    const why = 'it is 4 bytes long here, 5 were sealed; given up by belay give-up'
    expect(manifest.file(file.path)).toMatchObject({ state: 'lost', why })
  })
})

describe('a file that is refused only after it was asked for', () => {
  it('is not given up: nobody has looked at it', async () => {
    disk.put(file.path, 'rows\n')
    const files = manifest.files.bind(manifest)
    manifest.files = async (query) => {
      const found = await files(query)
      if (manifest.file(file.path)?.state === 'sending') await manifest.refuse(1, 'it could not be read', clock.now())
      return found
    }
    expect(await giveUp(1, { manifest, disk, clock })).toBe(
      `${file.path} is sending, and cannot be given up from there`,
    )
    expect(manifest.file(file.path)).toMatchObject({ state: 'refused', why: 'it could not be read' })
  })
})

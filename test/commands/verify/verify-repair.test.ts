import { createGzip } from 'node:zlib'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repair } from '../../../src/commands/verify/verify-repair.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import { epochMs, minutes } from '../../../src/domain/units.ts'
import { headerLine } from '../../../src/storage/csv-format.ts'
import { csvPath, sealed } from '../../delivery/start-delivery.ts'
import { MemoryDisk } from '../../fakes/memory-disk.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const content = (frame: number) => `${headerLine('model').toString()}1,dock-1,1,${frame},0,t,particles,,,,,,\n`

/** A data folder in which files 1 and 2 were removed and are still here, and file 3 was sealed and is not known. */
async function startFolder() {
  const [disk, manifest] = [new MemoryDisk(), new MemoryManifest()]
  const paths = [1, 2, 3].map((sequence) => csvPath(sequence))
  for (const [index, path] of paths.entries()) {
    await disk.makeFolder(dirname(path))
    const file = await disk.create(path)
    await file.write(Buffer.from(content(index + 1)), 0)
    await file.datasync()
    await file.close()
    await disk.syncFolder(dirname(path))
    if (index === 2) continue
    await manifest.add(sealed(index + 1, content(index + 1)), epochMs(1))
    await manifest.claim(1, epochMs(2))
    await manifest.delivered(index + 1, epochMs(3))
    await manifest.removed(index + 1, 'still on the server', epochMs(4))
  }
  const mendable = paths.map((path) => ({ path, what: 'is mendable', grade: 'mendable' }) as const)
  const cameras = [{ id: cameraId('dock-1'), priority: 8 }]
  const folder = {
    disk,
    manifest,
    clock: new VirtualClock(),
    cameras,
    pack: undefined,
    gzip: createGzip,
    signal: new AbortController().signal,
  }
  return { paths, disk, manifest, mendable, folder }
}

describe('belay verify --repair', () => {
  it('deletes copies for good, and takes in what was sealed with the priority of its camera', async () => {
    const { paths, disk, manifest, mendable, folder } = await startFolder()
    expect(await repair(mendable, folder)).toEqual([])
    disk.crash()
    expect(disk.paths).toEqual([paths[2]])
    expect(await manifest.claim(9, epochMs(5))).toMatchObject([{ path: paths[2], priority: 8 }])
  })

  it('deletes no copy that was not found to be mendable', async () => {
    const { paths, disk, mendable, folder } = await startFolder()
    await repair(mendable.slice(1), folder)
    expect(disk.paths).toContain(paths[0])
  })

  it('mends the others where one copy cannot be deleted, and tells why it could not', async () => {
    const { paths, disk, manifest, mendable, folder } = await startFolder()
    disk.failNext('unlink', 'EACCES', paths[0])
    const failures = await repair(mendable, folder)
    expect(failures.map(({ message }) => message)).toEqual([
      `unlink of ${paths[0]} failed: EACCES. Let the user that runs Belay own the data folder and all in it`,
    ])
    expect(disk.paths).toEqual([paths[0], paths[2]])
    expect(await manifest.counts()).toMatchObject({ removed: 2, pending: 1 })
  })

  it('hands over what it takes in to be packed first, where files are packed', async () => {
    const { manifest, mendable, folder } = await startFolder()
    await repair(mendable, { ...folder, pack: { as: 'tar', files: 100, interval: minutes(5) } })
    expect(await manifest.counts()).toMatchObject({ held: 1, pending: 0 })
  })
})

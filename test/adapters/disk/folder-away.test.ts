import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createGzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { DataFolderAwayError } from '../../../src/domain/disk-error.ts'
import type { SealedFile } from '../../../src/domain/sealed-file.ts'
import { seconds } from '../../../src/domain/units.ts'
import { packFiles } from '../../../src/storage/pack-files.ts'
import { csvPath, rest, sealed, World } from '../../delivery/start-delivery.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Two sealed files below a folder of this machine. */
async function startFolder() {
  const root = join(await temporaryFolder('belay-away-'), 'data')
  const files = [sealed(1, 'row of file 1\n'), sealed(2, 'row of file 2\n')]
  await mkdir(join(root, 'open'), { recursive: true })
  for (const [index, { path }] of files.entries()) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), `row of file ${index + 1}\n`)
  }
  return { root, files, disk: new NodeDisk(root) }
}

describe('a data folder of this machine that is moved away and back', () => {
  it.each([
    { what: 'nothing', stands: false },
    { what: 'an empty folder', stands: true },
  ])('loses no file to `refused` while $what stands in its place', async ({ stands }) => {
    const { root, files, disk } = await startFolder()
    const world = new World()
    for (const file of files) await world.manifest.add(file, world.clock.now())
    await rename(root, `${root}.away`)
    if (stands) await mkdir(root)
    await expect(world.run({ disk }).result).rejects.toBeInstanceOf(DataFolderAwayError)
    expect(await world.manifest.counts()).toMatchObject({ pending: 2, refused: 0 })
    await rm(root, { recursive: true, force: true })
    await rename(`${root}.away`, root)
    const session = world.run({ disk })
    await eventually('both files', async () => {
      await rest()
      return session.paths('file.delivered').length === files.length ? true : session.error
    })
    await session.finish()
    expect(session.paths('file.delivered').toSorted()).toEqual([csvPath(1), csvPath(2)])
  })

  it('keeps what is to be packed held, though packing makes its own folder anew', async () => {
    const { root, files, disk } = await startFolder()
    const world = new World()
    const { manifest, clock } = world
    for (const file of files) await manifest.add(file, clock.now(), 'held')
    const pack = (members: readonly SealedFile[]) =>
      packFiles(
        {
          ...{ disk, manifest, clock, gzip: createGzip },
          ...{ folders: new Set<string>(), handOver: 'held' as const, unrecorded: new Map() },
        },
        { as: 'tar', files: 2, interval: seconds(0) },
        members,
      )
    await rename(root, `${root}.away`)
    await expect(pack(files)).rejects.toBeInstanceOf(DataFolderAwayError)
    expect(await manifest.counts()).toMatchObject({ held: 2, refused: 0 })
    await rm(root, { recursive: true })
    await rename(`${root}.away`, root)
    await pack(files)
    expect(await manifest.counts()).toMatchObject({ held: 0, packed: 2, pending: 1 })
  })
})

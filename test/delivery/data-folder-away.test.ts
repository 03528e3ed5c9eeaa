import { beforeEach, describe, expect, it } from 'vitest'
import { DataFolderAwayError } from '../../src/domain/disk-error.ts'
import { openSealed } from '../../src/domain/open-sealed.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { csvPath, rest, World } from './start-delivery.ts'

let world: World
beforeEach(() => {
  world = new World()
})

/** What stands where a disk was that is not mounted any more. */
const bare = () => new MemoryDisk()

describe('a data folder that is away', () => {
  it('ends the session, counts no try, and has no file refused', async () => {
    for (const sequence of [1, 2, 3]) await world.seal(sequence)
    await expect(world.run({ disk: bare() }).result).rejects.toThrow(
      /^The data folder is not there: its folder open\/ is gone, and dock-1\/model\/\S+ with it\. Mount its disk again/,
    )
    expect(await world.manifest.counts()).toMatchObject({ pending: 3, refused: 0, sending: 0 })
    for (const sequence of [1, 2, 3])
      expect(world.manifest.file(csvPath(sequence))).toMatchObject({ attempts: 0, faults: 0 })
    expect(Object.keys(world.server.tree())).toEqual([])
  })

  it('has each file that was taken back said so', async () => {
    await world.seal(1)
    const session = world.run({ disk: bare() })
    await expect(session.result).rejects.toBeInstanceOf(DataFolderAwayError)
    expect(session.paths('file.claimed')).toEqual([csvPath(1)])
    expect(session.paths('file.released')).toEqual([csvPath(1)])
  })

  it('has everything delivered once it is back', async () => {
    for (const sequence of [1, 2, 3]) await world.seal(sequence)
    await expect(world.run({ disk: bare() }).result).rejects.toBeInstanceOf(DataFolderAwayError)
    const session = world.run()
    await rest()
    await session.finish()
    expect(session.paths('file.delivered').toSorted()).toEqual([1, 2, 3].map((sequence) => csvPath(sequence)))
  })

  it('is one that cannot be listed, too', async () => {
    const disk = bare()
    disk.failNext('list', 'EIO')
    await expect(openSealed(disk, csvPath(1))).rejects.toBeInstanceOf(DataFolderAwayError)
  })

  it('is not one in which a file is gone by itself', async () => {
    const disk = bare()
    await disk.makeFolder('open')
    await expect(openSealed(disk, csvPath(1))).rejects.toMatchObject({ code: 'delivery.sealed-file-changed' })
  })
})

import { describe, expect, it } from 'vitest'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { makingRoom, reserveFile } from '../../src/storage/reserve.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'

const failing = async (sqliteCode: string) => {
  const disk = new MemoryDisk()
  disk.put(reserveFile, 'x'.repeat(200))
  let tries = 0
  const work = (): Promise<string> =>
    tries++ === 0
      ? Promise.reject(new ManifestFailedError('manifest.sqlite', 'open', sqliteCode))
      : Promise.resolve('done')
  const outcome = await makingRoom(disk, work).catch((error: unknown) => error)
  return { outcome, isReserved: disk.paths.includes(reserveFile) }
}

describe('work that wants room', () => {
  // A quota that is used up is a write that failed, in SQLite's words.
  it.each(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'])(
    'is given the reserve, and done once more, where SQLite says %s',
    async (code) => {
      expect(await failing(code)).toEqual({ outcome: 'done', isReserved: false })
    },
  )

  it('fails where something else is wrong with the disk, and leaves the reserve', async () => {
    const { outcome, isReserved } = await failing('SQLITE_IOERR_FSYNC')
    expect({ outcome, isReserved }).toMatchObject({ outcome: { sqliteCode: 'SQLITE_IOERR_FSYNC' }, isReserved: true })
  })
})

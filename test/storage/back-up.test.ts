import { describe, expect, it } from 'vitest'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import { seconds } from '../../src/domain/units.ts'
import { backUp, type BackUpOptions } from '../../src/storage/back-up.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

function startBackups(options: Partial<BackUpOptions> = {}) {
  const disk = new MemoryDisk()
  const clock = new VirtualClock()
  disk.put('manifest.sqlite', 'not to be opened')
  const manifest = {
    copyBytes: async () => 8,
    async copyTo(path: string) {
      disk.put(path, 'manifest')
    },
  }
  disk.put('open/a.csv.open', 'rows')
  disk.put('open/a.csv.torn', 'torn')
  let boot = 0
  const start = () => {
    clock.advance(seconds(1))
    return backUp({ disk, clock, boot: ++boot, manifest, keep: 2, leaveFree: 0, ...options })
  }
  const backups = () =>
    Object.keys(disk.files())
      .filter((path) => path.startsWith('backups/'))
      .sort()
  return { disk, clock, manifest, start, backups }
}

const set = (boot: number) => `backups/20260101T00000${boot}000Z_${boot}`
const filesOf = (boot: number) => [`${set(boot)}_a.csv.open`, `${set(boot)}_manifest.sqlite`]

describe('a start', () => {
  it('copies manifest and open files, durably and to the byte, and leaves them as they are', async () => {
    const { disk, start, backups } = startBackups()
    const before = disk.files()
    expect(await start()).toEqual({ made: '20260101T000001000Z_1', removed: 0 })
    expect(backups()).toEqual(filesOf(1))
    disk.crash()
    expect(disk.files()).toEqual({
      ...before,
      [`${set(1)}_a.csv.open`]: 'rows',
      [`${set(1)}_manifest.sqlite`]: 'manifest',
    })
  })

  it('keeps the newest copies', async () => {
    const { start, backups } = startBackups()
    await start()
    await start()
    expect(await start()).toMatchObject({ removed: 1 })
    expect(backups()).toEqual([...filesOf(2), ...filesOf(3)])
  })

  it('keeps the copy that it makes and those of the latest boots, whatever the clock says', async () => {
    const { clock, start, backups } = startBackups({ keep: 3 })
    for (let boot = 1; boot <= 9; boot++) await start()
    // A machine without a clock of its own begins in the year 2000, and is put right later.
    clock.step(-Date.UTC(2001, 0, 1) / 30)
    const made = [(await start()).made, (await start()).made]
    expect(made).toEqual([expect.stringMatching(/_10$/), expect.stringMatching(/_11$/)])
    const kept = backups().map((path) => /_(\d+)_/.exec(path)?.[1])
    expect(new Set(kept)).toEqual(new Set(['9', '10', '11']))
  })

  it('removes what a crash has left of a copy, rather than a whole one, and nothing that is not ours', async () => {
    const { disk, start, backups } = startBackups()
    await start()
    disk.put('backups/mine', 'somebody’s')
    disk.failNext('write', 'EIO', 'a.csv.open')
    expect(await start()).toEqual({
      made: undefined,
      why: `write of ${set(2)}_a.csv.open failed: EIO`,
      removed: 0,
    })
    await start()
    expect(backups()).toEqual([...filesOf(1), ...filesOf(3), 'backups/mine'])
  })

  it('makes none where it would take room that rows need, and says so', async () => {
    const { disk, start, backups } = startBackups({ leaveFree: 1000 })
    disk.freeBytes = async () => 1011
    expect(await start()).toEqual({
      made: undefined,
      why: 'it takes 12 bytes, 1011 are free, and 1000 are to stay so',
      removed: 0,
    })
    expect(backups()).toEqual([])
    disk.freeBytes = async () => 1012
    expect(await start()).toMatchObject({ made: '20260101T000002000Z_2' })
  })

  it.each(['SQLITE_FULL', 'ENOSPC'])('leaves nothing half done on a disk that is full (%s)', async (code) => {
    const { manifest, start, backups } = startBackups()
    manifest.copyTo = () => Promise.reject(new ManifestFailedError('manifest.sqlite', 'copy', code))
    expect(await start()).toMatchObject({ made: undefined, why: expect.stringContaining(code) as string })
    expect(backups()).toEqual([])
  })

  it('is not held up by a manifest that cannot be copied, and says why', async () => {
    const { manifest, start } = startBackups()
    manifest.copyTo = () => Promise.reject(new ManifestFailedError('manifest.sqlite', 'copy', 'SQLITE_CORRUPT'))
    expect(await start()).toMatchObject({ made: undefined, why: expect.stringContaining('SQLITE_CORRUPT') as string })
  })

  it('makes none where none is wanted', async () => {
    const { start, backups } = startBackups({ keep: 0 })
    expect(await start()).toEqual({ made: undefined, removed: 0 })
    expect(backups()).toEqual([])
  })
})

describe('a copy that takes the place of an older one', () => {
  it('is durable, names included, before the older one goes', async () => {
    const { disk, start } = startBackups({ keep: 1 })
    await start()
    const before = disk.calls.length
    await start()
    const calls = disk.calls.slice(before).map(({ kind, path }) => `${kind} ${path}`)
    const removal = calls.findIndex((call) => call.startsWith('unlink backups/'))
    expect(removal).toBeGreaterThan(-1)
    expect(calls.slice(0, removal)).toContain('syncFolder backups')
  })
})

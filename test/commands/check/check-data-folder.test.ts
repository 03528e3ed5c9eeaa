import { describe, expect, it } from 'vitest'
import { checkDataFolder } from '../../../src/commands/check/check-data-folder.ts'
import { ManifestTooNewError } from '../../../src/domain/manifest-errors.ts'
import { DiskError } from '../../../src/domain/disk-error.ts'
import type { ManifestVersion } from '../../../src/adapters/manifest/open-beside.ts'
import { MemoryDisk } from '../../fakes/memory-disk.ts'
import { VirtualClock } from '../../fakes/virtual-clock.ts'

const noManifest = (): Promise<ManifestVersion | undefined> => Promise.resolve(undefined)

const check = (
  disk: MemoryDisk,
  existing = '/var/lib/belay',
  expectWritable = () => Promise.resolve(),
  manifestVersion = noManifest,
) =>
  checkDataFolder(
    {
      ...{ folder: '/var/lib/belay', existing, expectWritable, manifestVersion, disk },
      ...{ pauseBelow: 5, reserve: 0, probeName: '.belay-probe-1' },
    },
    { clock: new VirtualClock(), signal: new AbortController().signal },
  )

const diskWith = (capacity: number) => Object.assign(new MemoryDisk(), { capacity })

describe('a data folder that can be written', () => {
  it('is left as it was, and says how much room there is', async () => {
    const disk = diskWith(12_340_000_000)
    disk.put('dock-1/model/a.csv', 'x')
    expect(await check(disk)).toEqual({
      name: 'data',
      what: 'folder',
      outcome: 'ok',
      took: 0,
      detail: '/var/lib/belay can be written, 12 GB free',
    })
    expect(disk.files()).toEqual({ 'dock-1/model/a.csv': 'x' })
    expect(disk.calls.map(({ kind }) => kind)).toEqual([
      ...['create', 'write', 'datasync', 'close', 'open', 'read', 'close', 'unlink', 'freeBytes'],
    ])
  })

  it('takes as many writes as the disk wants', async () => {
    const disk = diskWith(1e9)
    disk.maxWrite = 7
    expect((await check(disk)).outcome).toBe('ok')
  })

  it('need not exist yet', async () => {
    expect((await check(diskWith(2e9), '/var/lib')).detail).toBe(
      '/var/lib/belay does not exist yet; /var/lib can be written, 2.0 GB free',
    )
  })
})

describe('a data folder with a manifest', () => {
  const of = (version: () => Promise<ManifestVersion | undefined>) =>
    check(diskWith(2e9), '/var/lib/belay', () => Promise.resolve(), version)

  it.each([
    { found: 7, note: '' },
    { found: 6, note: '. Its manifest has schema version 6: the next start migrates it to 7, and keeps a copy' },
    // One that was begun, and nothing more.
    { found: 0, note: '' },
  ])('of schema version $found, where 7 is known, will be started on', async ({ found, note }) => {
    expect(await of(() => Promise.resolve({ found, known: 7 }))).toMatchObject({
      outcome: 'ok',
      detail: `/var/lib/belay can be written, 2.0 GB free${note}`,
    })
  })

  it('that is a newer Belay’s fails, as the start would', async () => {
    const error = new ManifestTooNewError('/var/lib/belay/manifest.sqlite', 8, 7)
    expect(await of(() => Promise.reject(error))).toMatchObject({ outcome: 'failed', detail: error.message })
  })
})

describe('a data folder that cannot be written', () => {
  it.each([
    { kind: 'create', code: 'EIO', call: 'create' },
    { kind: 'write', code: 'EIO', call: 'write' },
    { kind: 'datasync', code: 'EIO', call: 'fdatasync' },
    { kind: 'open', code: 'EIO', call: 'open' },
    { kind: 'read', code: 'EIO', call: 'read' },
    { kind: 'freeBytes', code: 'EIO', call: 'statfs' },
  ] as const)('for $kind says where, and leaves no probe', async ({ kind, code, call }) => {
    const disk = diskWith(1e9)
    disk.failNext(kind, code)
    const path = kind === 'freeBytes' ? '.' : '.belay-probe-1'
    expect(await check(disk)).toMatchObject({
      outcome: 'failed',
      detail: `In /var/lib/belay: ${call} of ${path} failed: ${code}`,
    })
    expect(disk.files()).toEqual({})
  })

  it('since it has less room than the daemon leaves says so', async () => {
    const disk = diskWith(12e6)
    const expectWritable = () => Promise.resolve()
    const folder = {
      ...{ folder: '/var/lib/belay', existing: '/var/lib', expectWritable, manifestVersion: noManifest, disk },
      ...{ pauseBelow: 100e6, reserve: 0, probeName: 'probe' },
    }
    expect(
      await checkDataFolder(folder, { clock: new VirtualClock(), signal: new AbortController().signal }),
    ).toMatchObject({
      outcome: 'failed',
      detail:
        'In /var/lib: 12 MB free, less than disk.pauseBelow (100 MB): no row would be written until there is more',
    })
  })

  const checkReserve = (disk: MemoryDisk, existing: string) =>
    checkDataFolder(
      {
        ...{ folder: '/var/lib/belay', existing, expectWritable: () => Promise.resolve(), disk },
        manifestVersion: noManifest,
        ...{ pauseBelow: 100_000, reserve: 20_000, probeName: 'probe' },
      },
      { clock: new VirtualClock(), signal: new AbortController().signal },
    )

  it.each([
    { there: 0, capacity: 120_000, outcome: 'ok' },
    { there: 0, capacity: 119_999, outcome: 'failed' },
    { there: 5_000, capacity: 119_999, outcome: 'failed' },
    { there: 20_000, capacity: 120_000, outcome: 'ok' },
    { there: 20_000, capacity: 119_999, outcome: 'failed' },
  ])(
    'since it has room for rows or for the reserve only ($there B of it there, disk of $capacity B): $outcome',
    async ({ there, capacity, outcome }) => {
      const disk = diskWith(capacity)
      if (there > 0) disk.put('belay.reserve', 'x'.repeat(there))
      expect(await checkReserve(disk, '/var/lib/belay')).toMatchObject({ outcome })
    },
  )

  it('since it has no room for what is to be set aside says so', async () => {
    const detail = (existing: string) =>
      `In ${existing}: 119 kB free, less than disk.pauseBelow (100 kB) and what is to be set aside as disk.reserve (20 kB): no row would be written until there is more`
    expect((await checkReserve(diskWith(119_400), '/var/lib')).detail).toBe(detail('/var/lib'))
    expect((await checkReserve(diskWith(119_400), '/var/lib/belay')).detail).toBe(detail('/var/lib/belay'))
  })

  it('since it is another user’s says so', async () => {
    const disk = diskWith(1e9)
    disk.failNext('create', 'EACCES')
    expect((await check(disk)).detail).toBe(
      'In /var/lib/belay: create of .belay-probe-1 failed: EACCES. Let the user that runs Belay own the data folder and all in it',
    )
  })

  it('since what is in it is another user’s says so, and which', async () => {
    const disk = diskWith(1e9)
    const denied = () => Promise.reject(new DiskError('access', 'manifest.sqlite', 'EACCES'))
    expect(await check(disk, '/var/lib/belay', denied)).toMatchObject({
      outcome: 'failed',
      detail:
        'In /var/lib/belay: access of manifest.sqlite failed: EACCES. Let the user that runs Belay own the data folder and all in it',
    })
    // Where it does not exist, nothing of it is another's.
    expect((await check(disk, '/var/lib', denied)).outcome).toBe('ok')
  })

  it('since it is full says so', async () => {
    const disk = diskWith(10)
    expect((await check(disk)).detail).toBe(
      'In /var/lib/belay: write of .belay-probe-1 failed: ENOSPC. The disk of the data folder is full: delete what else is on it, or give it more room',
    )
    expect(disk.files()).toEqual({})
  })
})

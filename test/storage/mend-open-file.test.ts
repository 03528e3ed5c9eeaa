import { describe, expect, it } from 'vitest'
import { mendOpenFile } from '../../src/storage/mend-open-file.ts'
import { type DiskCallKind, MemoryDisk } from '../fakes/memory-disk.ts'
import { fileName } from './support/writing.ts'

const open = `open/${fileName(1)}.open`

describe('an open file that cannot be mended', () => {
  it.each<[string, DiskCallKind, string]>([
    ['fails as one file', 'read', 'EIO'],
    ['fails as a whole', 'unlink', 'EROFS'],
    ['cannot tell its length', 'length', 'EIO'],
  ])('is closed where the disk %s', async (_what, kind, code) => {
    const disk = new MemoryDisk()
    // No row of ours: it is read, and would be removed.
    disk.put(open, '')
    disk.put(`dock-1/model/${fileName(1)}`, '')
    disk.failNext(kind, code)
    await mendOpenFile(disk, `${fileName(1)}.open`, undefined, () => 0).catch(() => undefined)
    const times = (of: DiskCallKind) => disk.calls.filter(({ kind, path }) => kind === of && path === open).length
    expect({ opened: times('open'), closed: times('close') }).toEqual({ opened: 1, closed: 1 })
  })
})

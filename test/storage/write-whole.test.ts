import { describe, expect, it } from 'vitest'
import { DiskError } from '../../src/domain/disk-error.ts'
import type { DiskFile } from '../../src/ports/disk.ts'
import { writeWhole } from '../../src/storage/write-whole.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'

/** A file in memory of which each write takes as many bytes as it is told to, and says nothing else. */
async function taking(...counts: number[]) {
  const disk = new MemoryDisk()
  const inner = await disk.create('a')
  const write: DiskFile['write'] = (bytes, position) => inner.write(bytes.subarray(0, counts.shift() ?? 0), position)
  return { file: { ...inner, write }, content: () => disk.files()['a'] }
}

const bytes = Buffer.from('1234567890')

describe('a disk that takes less than it is given', () => {
  it('is given the rest, where that belongs', async () => {
    const { file, content } = await taking(4, 1, 5)
    await writeWhole(file, bytes, 0, 'a')
    expect(content()).toBe('1234567890')
  })

  it('is full where it takes nothing and gives no reason; what it took before stays', async () => {
    const { file, content } = await taking(4, 0)
    await expect(writeWhole(file, bytes, 0, 'a')).rejects.toThrow(new DiskError('write', 'a', 'ENOSPC'))
    expect(content()).toBe('1234')
  })
})

import { describe, expect, it } from 'vitest'
import { renameOnce } from '../../src/storage/seal-file.ts'
import { MemoryDisk } from '../fakes/memory-disk.ts'

const [from, to] = ['open/a.csv.open', 'dock-1/model/a.csv']

const on = async (files: Record<string, string>): Promise<MemoryDisk> => {
  const disk = new MemoryDisk()
  await disk.makeFolder('dock-1/model')
  for (const [path, content] of Object.entries(files)) disk.put(path, content)
  return disk
}

describe('a rename that is asked for once more', () => {
  it('is done where it was not', async () => {
    const disk = await on({ [from]: 'rows' })
    await renameOnce(disk, from, to)
    expect(disk.files()).toEqual({ [to]: 'rows' })
  })

  it('is content where it was', async () => {
    const disk = await on({ [to]: 'rows' })
    await renameOnce(disk, from, to)
    expect(disk.files()).toEqual({ [to]: 'rows' })
  })

  it('is a failure where the file is under neither name: nobody may be told that it is sealed', async () => {
    await expect(renameOnce(await on({}), from, to)).rejects.toMatchObject({ call: 'rename', systemCode: 'ENOENT' })
  })

  it('is a failure where the disk refuses, whatever stands under the other name', async () => {
    const disk = await on({ [from]: 'rows', [to]: 'others' })
    disk.failNext('rename', 'EROFS')
    await expect(renameOnce(disk, from, to)).rejects.toMatchObject({ systemCode: 'EROFS' })
    expect(disk.files()).toEqual({ [from]: 'rows', [to]: 'others' })
  })
})

import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NodeDisk } from '../../../src/adapters/disk/node-disk.ts'
import { DiskError } from '../../../src/domain/disk-error.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'belay-disk-'))
})
afterEach(() => rm(root, { recursive: true }))

describe('the disk of the machine', () => {
  it('wants an absolute folder', () => {
    expect(() => new NodeDisk('belay-data')).toThrow(
      new RangeError('The data folder must be an absolute path, found "belay-data"'),
    )
  })

  it('says what neither is a file nor a folder', async () => {
    await symlink('/nowhere', join(root, 'link'))
    expect(await new NodeDisk(root).list('.')).toEqual([{ name: 'link', kind: 'other' }])
  })

  it('does not list what is no folder', async () => {
    await writeFile(join(root, 'a'), 'x')
    await expect(new NodeDisk(root).list('a')).rejects.toThrow(
      new DiskError('readdir', 'a', 'ENOTDIR', { cause: undefined }),
    )
  })

  it('keeps the cause of a failure', async () => {
    const failed: unknown = await new NodeDisk(root).open('a').catch((error: unknown) => error)
    expect(failed).toMatchObject({ message: 'open of a failed: ENOENT', cause: { syscall: 'open', errno: -2 } })
  })

  it('says a full disk by a failed write', async () => {
    const disk = new NodeDisk('/dev')
    const full = await disk.open('full')
    await expect(full.write(Buffer.from('x'), 0)).rejects.toMatchObject({
      message:
        'write of full failed: ENOSPC. The disk of the data folder is full: delete what else is on it, or give it more room',
      systemCode: 'ENOSPC',
    })
    await full.close()
  })

  it('writes what other programs read', async () => {
    const file = await new NodeDisk(root).create('a')
    await file.write(Buffer.from('grüße'), 0)
    await file.datasync()
    await file.close()
    expect(await readFile(join(root, 'a'), 'utf8')).toBe('grüße')
  })

  it('does nothing more with a file once it is closed', async () => {
    const file = await new NodeDisk(root).create('a')
    await file.close()
    await expect(file.write(Buffer.from('x'), 0)).rejects.toThrow(new DiskError('write', 'a', 'EBADF'))
    await expect(file.readEach([Buffer.alloc(1)], 0)).rejects.toThrow(new DiskError('read', 'a', 'EBADF'))
  })
})

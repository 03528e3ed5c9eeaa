import { beforeEach, describe, expect, it } from 'vitest'
import { DiskError } from '../../src/domain/disk-error.ts'
import type { Disk, DiskFile } from '../../src/ports/disk.ts'

const text = (content: string): Uint8Array => Buffer.from(content)

async function write(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.create(path)
  expect(await file.write(text(content), 0)).toBe(content.length)
  await file.close()
}

async function contentOf(file: DiskFile): Promise<string> {
  const into = Buffer.alloc(100)
  return into.subarray(0, await file.read(into, 0)).toString()
}

async function read(disk: Disk, path: string): Promise<string> {
  const file = await disk.open(path)
  try {
    return await contentOf(file)
  } finally {
    await file.close()
  }
}

const names = async (disk: Disk, path: string): Promise<string[]> =>
  (await disk.list(path)).map(({ name, kind }) => `${kind} ${name}`).sort()

const failure = (call: string, path: string, systemCode: string) =>
  expect.objectContaining({ constructor: DiskError, code: 'disk.failed', call, path, systemCode }) as DiskError

/** What every disk promises. `open` gives an empty one. */
export function diskContract(open: () => Promise<Disk>): void {
  let disk: Disk
  beforeEach(async () => {
    disk = await open()
  })

  describe('folders', () => {
    it('are made with those above them, and again without complaint', async () => {
      await disk.makeFolder('dock-1/model')
      await disk.makeFolder('dock-1/model')
      expect(await names(disk, '.')).toEqual(['folder dock-1'])
      expect(await names(disk, 'dock-1')).toEqual(['folder model'])
      expect(await names(disk, 'dock-1/model')).toEqual([])
    })
    it('are empty where there is none', async () => {
      expect(await disk.list('nowhere')).toEqual([])
    })
    it('tell files from folders', async () => {
      await disk.makeFolder('a')
      await write(disk, 'b', 'x')
      expect(await names(disk, '.')).toEqual(['file b', 'folder a'])
    })
    it('are synced, the data folder itself too', async () => {
      await disk.makeFolder('dock-1')
      await disk.syncFolder('.')
      await disk.syncFolder('dock-1')
      await expect(disk.syncFolder('nowhere')).rejects.toEqual(failure('open', 'nowhere', 'ENOENT'))
    })
  })

  describe('a folder in whose place a file stands', () => {
    it('is neither listed, made, synced nor worked in', async () => {
      await write(disk, 'a', 'x')
      await write(disk, 'b', 'y')
      await expect(disk.list('a')).rejects.toEqual(failure('readdir', 'a', 'ENOTDIR'))
      await expect(disk.list('a/model')).rejects.toEqual(failure('readdir', 'a/model', 'ENOTDIR'))
      await expect(disk.makeFolder('a')).rejects.toEqual(failure('mkdir', 'a', 'EEXIST'))
      await expect(disk.makeFolder('a/model')).rejects.toEqual(failure('mkdir', 'a/model', 'ENOTDIR'))
      await expect(disk.syncFolder('a')).rejects.toEqual(failure('open', 'a', 'ENOTDIR'))
      await expect(disk.create('a/c')).rejects.toEqual(failure('create', 'a/c', 'ENOTDIR'))
      await expect(disk.open('a/c')).rejects.toEqual(failure('open', 'a/c', 'ENOTDIR'))
      await expect(disk.rename('b', 'a/c')).rejects.toEqual(failure('rename', 'b', 'ENOTDIR'))
      await expect(disk.unlink('a/c')).rejects.toEqual(failure('unlink', 'a/c', 'ENOTDIR'))
      expect(await names(disk, '.')).toEqual(['file a', 'file b'])
    })
    it('and a file in whose place a folder stands, is not moved to', async () => {
      await write(disk, 'a', 'x')
      await disk.makeFolder('b')
      await expect(disk.rename('a', 'b')).rejects.toEqual(failure('rename', 'a', 'EISDIR'))
      await expect(disk.open('b')).rejects.toEqual(failure('open', 'b', 'EISDIR'))
    })
  })

  describe('a file that is created', () => {
    it('takes bytes at positions, grows, and is cut', async () => {
      const file = await disk.create('a')
      expect(await file.write(text('hello world'), 0)).toBe(11)
      expect(await file.write(text('W'), 6)).toBe(1)
      expect(await file.length()).toBe(11)
      await file.truncate(8)
      await file.datasync()
      expect(await file.length()).toBe(8)
      await file.close()
      expect(await read(disk, 'a')).toBe('hello Wo')
    })
    it('reads as zeros where nothing was written', async () => {
      const file = await disk.create('a')
      await file.write(text('x'), 3)
      await file.close()
      expect(await read(disk, 'a')).toBe('\0\0\0x')
    })
    it('must not exist yet', async () => {
      await write(disk, 'a', 'first')
      await expect(disk.create('a')).rejects.toEqual(failure('create', 'a', 'EEXIST'))
      expect(await read(disk, 'a')).toBe('first')
    })
    it('needs its folder', async () => {
      await expect(disk.create('nowhere/a')).rejects.toEqual(failure('create', 'nowhere/a', 'ENOENT'))
    })
  })

  describe('a file that is opened', () => {
    it('is read from a position to its end, then gives 0', async () => {
      await write(disk, 'a', 'hello')
      const file = await disk.open('a')
      const into = Buffer.alloc(3)
      expect(await file.read(into, 3)).toBe(2)
      expect(into.subarray(0, 2).toString()).toBe('lo')
      expect(await file.read(into, 5)).toBe(0)
      await file.close()
    })
    it('is read into several buffers by one call, the next only once one is full', async () => {
      await write(disk, 'a', 'hello')
      const file = await disk.open('a')
      const into = [Buffer.alloc(2), Buffer.alloc(2), Buffer.alloc(2, '.')]
      expect(await file.readEach(into, 1)).toBe(4)
      expect(into.map(String)).toEqual(['el', 'lo', '..'])
      expect(await file.readEach(into, 5)).toBe(0)
      await file.close()
    })
    it('is written to as well', async () => {
      await write(disk, 'a', 'hello')
      const file = await disk.open('a')
      await file.write(text('J'), 0)
      expect(await contentOf(file)).toBe('Jello')
      await file.close()
    })
    it('must exist', async () => {
      await expect(disk.open('a')).rejects.toEqual(failure('open', 'a', 'ENOENT'))
    })
    it('stays itself when it gets another name', async () => {
      await write(disk, 'a', 'hello')
      const file = await disk.open('a')
      await disk.rename('a', 'b')
      expect(await contentOf(file)).toBe('hello')
      await file.close()
    })
  })

  describe('a name', () => {
    it('moves to another folder and takes the place of what is there', async () => {
      await disk.makeFolder('sealed')
      await write(disk, 'a', 'new')
      await write(disk, 'sealed/a', 'old')
      await disk.rename('a', 'sealed/a')
      expect(await names(disk, '.')).toEqual(['folder sealed'])
      expect(await read(disk, 'sealed/a')).toBe('new')
    })
    it('is not moved from or to where there is nothing', async () => {
      await expect(disk.rename('a', 'b')).rejects.toEqual(failure('rename', 'a', 'ENOENT'))
      await write(disk, 'a', 'x')
      await expect(disk.rename('a', 'nowhere/a')).rejects.toEqual(failure('rename', 'a', 'ENOENT'))
      expect(await names(disk, '.')).toEqual(['file a'])
    })
    it('is removed, once', async () => {
      await write(disk, 'a', 'x')
      await disk.unlink('a')
      expect(await names(disk, '.')).toEqual([])
      await expect(disk.unlink('a')).rejects.toEqual(failure('unlink', 'a', 'ENOENT'))
    })
  })

  it('knows how much room there is', async () => {
    expect(await disk.freeBytes()).toBeGreaterThan(0)
  })

  it.each(['../a', 'a/../../b', '/etc/passwd', 'a//b', './a', ''])('refuses the path "%s" as a bug', async (path) => {
    await expect(disk.create(path)).rejects.toThrow(RangeError)
    await expect(disk.list(path)).rejects.toThrow(RangeError)
  })

  it.each(['manifest.sqlite', 'manifest.sqlite-wal', 'manifest.sqlite-shm', 'manifest.lock'])(
    'refuses to open %s as a bug: closing it would let go of SQLite’s locks',
    async (path) => {
      await expect(disk.open(path)).rejects.toThrow(RangeError)
      await expect(disk.create(path)).rejects.toThrow(RangeError)
    },
  )
}

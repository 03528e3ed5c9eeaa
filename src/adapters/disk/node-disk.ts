import { constants } from 'node:fs'
import { type FileHandle, open, readdir, rename, statfs, unlink } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { DiskError } from '../../domain/disk-error.ts'
import { isForSqliteAlone } from '../../domain/manifest-files.ts'
import type { Disk, DiskEntry, DiskFile } from '../../ports/disk.ts'
import { makeFolder } from '../make-folder.ts'

/** The folder `root` (absolute) as the data folder. */
export class NodeDisk implements Disk {
  constructor(readonly root: string) {
    if (!isAbsolute(root)) throw new RangeError(`The data folder must be an absolute path, found "${root}"`)
  }

  async makeFolder(path: string): Promise<void> {
    await attempt('mkdir', path, makeFolder(this.#absolute(path)))
  }

  async list(path: string): Promise<DiskEntry[]> {
    const folder = this.#absolute(path)
    try {
      const entries = await attempt('readdir', path, readdir(folder, { withFileTypes: true }))
      return entries.map((entry) => ({
        name: entry.name,
        kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other',
      }))
    } catch (error) {
      if (error instanceof DiskError && error.systemCode === 'ENOENT') return []
      throw error
    }
  }

  async create(path: string): Promise<DiskFile> {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY
    return new NodeDiskFile(path, await attempt('create', path, open(this.#openable(path), flags, 0o644)))
  }

  async open(path: string): Promise<DiskFile> {
    return new NodeDiskFile(path, await attempt('open', path, open(this.#openable(path), 'r+')))
  }

  async rename(from: string, to: string): Promise<void> {
    await attempt('rename', from, rename(this.#absolute(from), this.#absolute(to)))
  }

  async unlink(path: string): Promise<void> {
    await attempt('unlink', path, unlink(this.#absolute(path)))
  }

  async syncFolder(path: string): Promise<void> {
    const folder = await attempt('open', path, open(this.#absolute(path), constants.O_RDONLY | constants.O_DIRECTORY))
    try {
      await attempt('fsync', path, folder.sync())
    } finally {
      await folder.close()
    }
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await attempt('statfs', '.', statfs(this.root))
    return bavail * bsize
  }

  #openable(path: string): string {
    if (isForSqliteAlone(path)) throw new RangeError(`"${path}" is SQLite's to open, and nobody else's`)
    return this.#absolute(path)
  }

  #absolute(path: string): string {
    const segments = path.split('/')
    const escapes = path !== '.' && segments.some((segment) => ['', '.', '..'].includes(segment))
    if (escapes || path.includes('\0')) throw new RangeError(`"${path}" is no path below the data folder`)
    return join(this.root, path)
  }
}

class NodeDiskFile implements DiskFile {
  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
  ) {}

  async write(bytes: Uint8Array, position: number): Promise<number> {
    const { bytesWritten } = await attempt('write', this.path, this.handle.write(bytes, 0, bytes.length, position))
    return bytesWritten
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await attempt('read', this.path, this.handle.read(into, 0, into.length, position))
    return bytesRead
  }

  async readEach(into: readonly Uint8Array[], position: number): Promise<number> {
    const { bytesRead } = await attempt('read', this.path, this.handle.readv(into, position))
    return bytesRead
  }

  async length(): Promise<number> {
    return (await attempt('fstat', this.path, this.handle.stat())).size
  }

  async truncate(length: number): Promise<void> {
    await attempt('truncate', this.path, this.handle.truncate(length))
  }

  async datasync(): Promise<void> {
    await attempt('fdatasync', this.path, this.handle.datasync())
  }

  async close(): Promise<void> {
    await attempt('close', this.path, this.handle.close())
  }
}

async function attempt<Result>(call: string, path: string, result: Promise<Result>): Promise<Result> {
  try {
    return await result
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw new DiskError(call, path, error.code, { cause: error })
    }
    throw error
  }
}

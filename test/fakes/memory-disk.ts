import { DiskError } from '../../src/domain/disk-error.ts'
import { isForSqliteAlone } from '../../src/domain/manifest-files.ts'
import type { Disk, DiskEntry, DiskFile } from '../../src/ports/disk.ts'
import { MemoryFile, MemoryFolder, type Survives } from './memory-inodes.ts'

export type DiskCallKind =
  | 'makeFolder'
  | 'list'
  | 'create'
  | 'open'
  | 'rename'
  | 'unlink'
  | 'syncFolder'
  | 'freeBytes'
  | 'write'
  | 'read'
  | 'length'
  | 'truncate'
  | 'datasync'
  | 'close'

/** As errors name them. */
export const systemCall: Record<DiskCallKind, string> = {
  makeFolder: 'mkdir',
  list: 'readdir',
  create: 'create',
  open: 'open',
  rename: 'rename',
  unlink: 'unlink',
  syncFolder: 'fsync',
  freeBytes: 'statfs',
  write: 'write',
  read: 'read',
  length: 'fstat',
  truncate: 'truncate',
  datasync: 'fdatasync',
  close: 'close',
}

export interface DiskCall {
  readonly kind: DiskCallKind
  readonly path: string
  /** Counts all calls of the disk from 1. */
  readonly number: number
}

/** What happens to a call instead of its answer; `done` says whether its effect takes place nevertheless. */
export type DiskFault =
  | { readonly fail: string; readonly done?: boolean }
  /** Rejects with this, as a bug would. */
  | { readonly throws: Error; readonly done?: boolean }
  /** Never answers; with `until`, takes effect and answers when that resolves. */
  | { readonly hang: true; readonly done?: boolean; readonly until?: Promise<void> }

/**
 * A disk that knows what a power cut leaves: the contents that `datasync` and the names that `syncFolder` made durable,
 * and of the rest whatever `survives`. With only its target synced, both names of a rename may be
 * there.
 */
export class MemoryDisk implements Disk {
  /** Decides each call's fate; `undefined` lets it do its work. */
  onCall: (call: DiskCall) => DiskFault | undefined = () => undefined
  /** A single write takes no more than this. */
  maxWrite = Infinity
  /** Bytes that files may have in all; a write that meets the bound is short, and the next one fails with ENOSPC. */
  capacity = Infinity
  readonly calls: DiskCall[] = []
  #root = new MemoryFolder()

  /** Fails the next call of a kind, whose path contains `path`, with a system code; it has no effect. */
  failNext(kind: DiskCallKind, code: string, path = ''): void {
    const before = this.onCall
    this.onCall = (call) => {
      if (call.kind !== kind || !call.path.includes(path)) return before(call)
      this.onCall = before
      return { fail: code }
    }
  }

  /** The power goes: from here on this is the disk as the next start finds it. Open file objects are of no use any more. */
  crash(survives: Survives = () => false): void {
    this.#root.keepSome(survives)
    this.#root = this.#root.afterCrash(survives, new Map())
  }

  /** A sync of this file fails as on Linux: what it was to write is not on the disk, and no later sync writes it. */
  drop(path: string): void {
    this.#file(path)?.drop()
  }

  /** Everything as a process sees it now: path to content, folders left out. */
  files(): Record<string, string> {
    return Object.fromEntries(this.paths.map((path) => [path, Buffer.from(this.content(path) ?? []).toString('utf8')]))
  }

  /** The paths of all files. */
  get paths(): string[] {
    const found: string[] = []
    const visit = (folder: MemoryFolder, prefix: string): void => {
      for (const [name, node] of folder.entries) {
        if (node instanceof MemoryFolder) visit(node, `${prefix}${name}/`)
        else found.push(prefix + name)
      }
    }
    visit(this.#root, '')
    return found
  }

  /** One file's bytes as a process sees them now. */
  content(path: string): Uint8Array | undefined {
    return this.#file(path)?.content
  }

  #file(path: string): MemoryFile | undefined {
    const cut = path.lastIndexOf('/')
    const folder = this.#find(cut < 0 ? '.' : path.slice(0, cut))
    const node = folder instanceof MemoryFolder ? folder.entries.get(path.slice(cut + 1)) : undefined
    return node instanceof MemoryFile ? node : undefined
  }

  /** Bytes that files have in all. */
  get used(): number {
    return this.paths.reduce((total, path) => total + (this.content(path)?.length ?? 0), 0)
  }

  /** Puts a file there, durably, as another program would. */
  put(path: string, content: string | Uint8Array): void {
    const names = path.split('/')
    const name = names.pop() ?? ''
    const folder = names.reduce((at, next) => at.child(next), this.#root)
    const file = new MemoryFile()
    file.write(Buffer.from(content), 0)
    file.sync()
    folder.link(name, file)
    this.#root.syncAll()
  }

  makeFolder = (path: string): Promise<void> =>
    this.#run('makeFolder', path, () => {
      const names = segments(path)
      names.reduce((at, name, index) => {
        const isFile = at.entries.get(name) instanceof MemoryFile
        if (isFile) throw new DiskError('mkdir', path, index === names.length - 1 ? 'EEXIST' : 'ENOTDIR')
        return at.child(name)
      }, this.#root)
    })

  list = (path: string): Promise<DiskEntry[]> =>
    this.#run('list', path, () => {
      const entries = this.#folder('readdir', path)?.entries ?? []
      return [...entries].map(([name, node]) => ({ name, kind: node instanceof MemoryFolder ? 'folder' : 'file' }))
    })

  create = (path: string): Promise<DiskFile> =>
    this.#run('create', path, () => {
      const { folder, name } = this.#place('create', path)
      if (folder.entries.has(name)) throw new DiskError('create', path, 'EEXIST')
      const file = new MemoryFile()
      folder.link(name, file)
      return this.#handle(path, file, 'w')
    })

  open = (path: string): Promise<DiskFile> =>
    this.#run('open', path, () => this.#handle(path, this.#fileAt('open', path), 'rw'))

  rename = (from: string, to: string): Promise<void> =>
    this.#run('rename', from, () => {
      const file = this.#fileAt('rename', from)
      const source = this.#place('rename', from)
      const target = this.#place('rename', to, from)
      if (target.folder.entries.get(target.name) instanceof MemoryFolder) throw new DiskError('rename', from, 'EISDIR')
      const link = target.folder.link(target.name, file)
      source.folder.unlink(source.name, link)
    })

  unlink = (path: string): Promise<void> =>
    this.#run('unlink', path, () => {
      this.#fileAt('unlink', path)
      const { folder, name } = this.#place('unlink', path)
      folder.unlink(name)
    })

  syncFolder = (path: string): Promise<void> =>
    this.#run('syncFolder', path, () => {
      const folder = this.#folder('open', path)
      if (folder === undefined) throw new DiskError('open', path, 'ENOENT')
      folder.sync()
    })

  freeBytes = (): Promise<number> => this.#run('freeBytes', '.', () => this.capacity - this.used)

  #handle(path: string, file: MemoryFile, mode: 'w' | 'rw'): DiskFile {
    let open = true
    const on = <Result>(kind: DiskCallKind, work: () => Result): Promise<Result> =>
      this.#run(kind, path, () => {
        if (!open) throw new DiskError(systemCall[kind], path, 'EBADF')
        return work()
      })
    const read = (into: readonly Uint8Array[], position: number): Promise<number> =>
      on('read', () => {
        if (mode === 'w') throw new DiskError('read', path, 'EBADF')
        return into.reduce((count, each) => {
          const part = file.content.subarray(position + count, position + count + each.length)
          each.set(part)
          return count + part.length
        }, 0)
      })
    return {
      write: (bytes, position) =>
        on('write', () => {
          const grows = Math.max(0, position + bytes.length - file.content.length)
          const room = this.capacity === Infinity ? Infinity : this.capacity - this.used
          const taken = Math.min(bytes.length, this.maxWrite, bytes.length - Math.max(0, grows - room))
          if (taken <= 0 && bytes.length > 0) throw new DiskError('write', path, 'ENOSPC')
          file.write(bytes.slice(0, taken), position)
          return taken
        }),
      read: (into, position) => read([into], position),
      readEach: read,
      length: () => on('length', () => file.content.length),
      truncate: (length) => on('truncate', () => file.truncate(length)),
      datasync: () => on('datasync', () => file.sync()),
      close: () =>
        on('close', () => {
          open = false
        }),
    }
  }

  /** The next turn does the work: as with system calls, nothing has happened yet when the call returns its promise. */
  async #run<Result>(kind: DiskCallKind, path: string, work: () => Result): Promise<Result> {
    if (path !== '.' && hasNoName.test(path)) {
      throw new RangeError(`"${path}" is no path below the data folder`)
    }
    if ((kind === 'create' || kind === 'open') && isForSqliteAlone(path))
      throw new RangeError(`"${path}" is SQLite's to open`)
    const call = { kind, path, number: this.calls.length + 1 }
    this.calls.push(call)
    const fault = this.onCall(call)
    if (fault === undefined) {
      await Promise.resolve()
      return work()
    }
    if ('hang' in fault && fault.until) await fault.until
    if ('throws' in fault) {
      // As a bug after the call would: also where the call itself fails.
      if (fault.done === true)
        await Promise.resolve()
          .then(work)
          .catch(() => undefined)
      throw fault.throws
    }
    if (fault.done ?? ('hang' in fault && fault.until !== undefined)) {
      const result = work()
      if ('hang' in fault && fault.until) return result
    }
    if ('hang' in fault) return new Promise<never>(() => undefined)
    throw new DiskError(systemCall[kind], path, fault.fail)
  }

  /** The folder, or a file that stands in its place or above it. */
  #find(path: string): MemoryFolder | MemoryFile | undefined {
    return segments(path).reduce<MemoryFolder | MemoryFile | undefined>(
      (at, name) => (at instanceof MemoryFolder ? at.entries.get(name) : at),
      this.#root,
    )
  }

  #folder(call: string, path: string, named = path): MemoryFolder | undefined {
    const found = this.#find(path)
    if (found instanceof MemoryFile) throw new DiskError(call, named, 'ENOTDIR')
    return found
  }

  #place(call: string, path: string, named = path): { folder: MemoryFolder; name: string } {
    const cut = path.lastIndexOf('/')
    const folder = this.#folder(call, cut < 0 ? '.' : path.slice(0, cut), named)
    if (folder === undefined) throw new DiskError(call, named, 'ENOENT')
    return { folder, name: path.slice(cut + 1) }
  }

  #fileAt(call: string, path: string): MemoryFile {
    const { folder, name } = this.#place(call, path)
    const node = folder.entries.get(name)
    if (node === undefined) throw new DiskError(call, path, 'ENOENT')
    if (node instanceof MemoryFolder) throw new DiskError(call, path, 'EISDIR')
    return node
  }
}

/** An empty part, `.` or `..`. */
const hasNoName = /(^|\/)\.{0,2}(\/|$)/

const segments = (path: string): string[] => (path === '.' ? [] : path.split('/'))

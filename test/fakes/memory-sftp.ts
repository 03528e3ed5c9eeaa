import { posix } from 'node:path'
import { SftpStatusError, SftpUnknownOutcomeError } from '../../src/domain/delivery-errors.ts'
import type {
  SftpAttributes,
  SftpConnector,
  SftpEntry,
  SftpHandle,
  SftpRoom,
  SftpSession,
} from '../../src/ports/sftp-session.ts'
import type { Survives } from './memory-inodes.ts'
import { ServedFile } from './served-file.ts'
import { type Node, ServedNames } from './served-names.ts'

/** A request as the server sees it; `number` counts from 1 over all sessions. */
export interface SftpRequest {
  readonly number: number
  readonly name: string
  readonly path: string
}

/**
 * What goes wrong with a request: it is refused with a status; never answered while the session lasts; the connection goes
 * before or after it was carried out; its deadline passes first; or a write stores only half, or nothing is done at all, and the
 * server says that all is well.
 */
export type SftpFault =
  | SftpStatusError['status']
  | 'hang'
  | 'deadline'
  | 'disconnect before'
  | 'disconnect after'
  | 'short write'
  | 'nothing done'

interface OpenFile {
  readonly path: string
  readonly file: ServedFile
}

/**
 * A server that lives as long as the object; sessions come and go, its files stay. Of their contents it keeps what fsync has made
 * durable when it crashes: a file that was renamed without a sync has less in it then. It keeps every name but those that it is
 * told to forget.
 */
export class MemorySftpServer implements SftpConnector {
  readonly address = 'belay@memory:22'
  /** Every request so far, in order. */
  readonly requests: SftpRequest[] = []
  /** Asked before each request is carried out. */
  fault: (request: SftpRequest) => SftpFault | undefined = () => undefined
  /** What `connect` throws while it is set. */
  connectError: Error | undefined
  /** Told after each request that was carried out. */
  onChange: () => void = () => undefined
  connections = 0
  maxWriteBytes = 32_768
  /** Of all files together; what goes beyond is refused with `failure`, as OpenSSH does. */
  capacityBytes = Infinity
  /** Names that may still be made, as statvfs tells; nobody is refused for want of them. */
  namesLeft = Infinity
  /** What statvfs tells in place of the truth. */
  saysFreeBytes: number | undefined
  /** Whether it has statvfs@openssh.com. */
  tellsRoom = true
  readonly names = new ServedNames()
  readonly nodes = this.names.nodes
  readonly #sessions = new Set<MemorySftpSession>()

  async connect(signal: AbortSignal): Promise<SftpSession> {
    signal.throwIfAborted()
    if (this.connectError) throw this.connectError
    this.connections++
    const session = new MemorySftpSession(this)
    this.#sessions.add(session)
    void session.closed.then(() => this.#sessions.delete(session))
    return session
  }

  /** Cuts every session. */
  disconnect(reason = 'the cable was pulled'): void {
    for (const session of this.#sessions) session.lose(reason)
  }

  /**
   * The power goes and comes back. Of what was not synced `survives` what it says; the latest changes of names are `forgotten`, so
   * many of them.
   */
  crash(survives: Survives = () => false, forgotten = 0): void {
    this.disconnect('the server lost its power')
    this.names.forget(forgotten)
    for (const node of this.nodes.values()) if (node !== 'folder') node.crash(survives)
  }

  /** Remote files by path, as text. */
  tree(): Record<string, string> {
    const files: Record<string, string> = {}
    for (const [path, node] of this.nodes) if (node !== 'folder') files[path] = node.content.toString()
    return files
  }

  /** One remote file, as text. */
  content(path: string): string | undefined {
    const node = this.nodes.get(path)
    return node === undefined || node === 'folder' ? undefined : node.content.toString()
  }

  get freeBytes(): number {
    return Math.max(0, this.capacityBytes - this.usedBytes)
  }

  get usedBytes(): number {
    let sum = 0
    for (const node of this.nodes.values()) if (node !== 'folder') sum += node.size
    return sum
  }

  /** Puts a file there, with the folders above it, durably. */
  put(path: string, content: string | Uint8Array): void {
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
      this.nodes.set(folder, 'folder')
    const file = new ServedFile()
    file.write(Buffer.from(content), 0)
    file.sync()
    this.nodes.set(path, file)
  }
}

class MemorySftpSession implements SftpSession {
  readonly closed: Promise<string>
  readonly maxWriteBytes: number
  #lost: string | undefined
  #tellClosed: (reason: string) => void = () => undefined

  constructor(private readonly server: MemorySftpServer) {
    this.closed = new Promise((resolve) => (this.#tellClosed = resolve))
    this.maxWriteBytes = server.maxWriteBytes
  }

  lose(reason: string): void {
    this.#lost ??= reason
    this.#tellClosed(this.#lost)
  }

  open(path: string, mode: 'r' | 'w' | 'wx'): Promise<SftpHandle> {
    return this.#request('open', path, (key, no) => {
      const there = this.server.nodes.get(key)
      if (there === 'folder') throw no('failure', 'is a folder')
      if (mode === 'r' && !there) throw no('no-such-file', 'nothing there')
      if (mode === 'wx' && there) throw no('failure', 'exists')
      if (mode !== 'r') this.#checkFolder(key, no)
      const file = there ?? new ServedFile()
      if (mode === 'w') file.content = new Uint8Array()
      if (there === undefined) this.server.names.change({ [key]: file })
      const opened: { open: OpenFile | undefined } = { open: { path, file } }
      return opened as unknown as SftpHandle
    })
  }

  write(handle: SftpHandle, bytes: Uint8Array, position: number): Promise<void> {
    // Copied at once: the caller may use its buffer again only when this has resolved, and a test should see if it doesn't.
    const taken = Buffer.from(bytes)
    return this.#request('write', pathOf(handle), (_key, no, fault) => {
      const { file } = openFile(handle, no)
      const stored = fault === 'short write' ? taken.subarray(0, taken.length >> 1) : taken
      const grown = position + stored.length - file.size
      if (grown > 0 && this.server.usedBytes + grown > this.server.capacityBytes) throw no('failure', 'Failure')
      file.write(stored, position)
    })
  }

  read(handle: SftpHandle, into: Uint8Array, position: number): Promise<number> {
    return this.#request('read', pathOf(handle), (_key, no) => {
      const found = openFile(handle, no).file.content.subarray(position, position + into.length)
      into.set(found)
      return found.length
    })
  }

  fsync(handle: SftpHandle): Promise<boolean> {
    return this.#request('fsync', pathOf(handle), (_key, no) => {
      const { file } = openFile(handle, no)
      file.sync()
      this.server.names.sync(file)
      return true
    })
  }

  fstat(handle: SftpHandle): Promise<SftpAttributes> {
    return this.#request('fstat', pathOf(handle), (_key, no) => attributes(openFile(handle, no).file))
  }

  close(handle: SftpHandle): Promise<void> {
    return this.#request('close', pathOf(handle), (_key, no) => {
      openFile(handle, no)
      opened(handle).open = undefined
    })
  }

  stat(path: string): Promise<SftpAttributes | undefined> {
    return this.#request('stat', path, (key) => {
      const node = this.server.nodes.get(key)
      return node && attributes(node)
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#request('rename', to, (key, no) => {
      const source = normal(from)
      const node = this.server.nodes.get(source)
      if (!node) throw no('no-such-file', 'nothing there')
      if (this.server.nodes.has(key)) throw no('failure', 'exists')
      this.#checkFolder(key, no)
      // As OpenSSH does it, by a hard link: for a moment both names are there.
      this.server.names.change({ [key]: node })
      this.server.names.change({ [source]: undefined })
    })
  }

  unlink(path: string): Promise<void> {
    return this.#request('unlink', path, (key, no) => {
      if (!this.server.nodes.has(key)) throw no('no-such-file', 'nothing there')
      if (this.server.nodes.get(key) === 'folder') throw no('failure', 'is a folder')
      this.server.names.change({ [key]: undefined })
    })
  }

  mkdir(path: string): Promise<void> {
    return this.#request('mkdir', path, (key, no) => {
      if (this.server.nodes.has(key)) throw no('failure', 'exists')
      this.#checkFolder(key, no)
      this.server.names.change({ [key]: 'folder' })
    })
  }

  rmdir(path: string): Promise<void> {
    return this.#request('rmdir', path, (key, no) => {
      if (this.server.nodes.get(key) !== 'folder') throw no('no-such-file', 'no such folder')
      if ([...this.server.nodes.keys()].some((name) => parentOf(name) === key)) throw no('failure', 'not empty')
      this.server.names.change({ [key]: undefined })
    })
  }

  readdir(path: string): Promise<SftpEntry[]> {
    return this.#request('readdir', path, (key, no) => {
      if (this.server.nodes.get(key) !== 'folder') throw no('no-such-file', 'no such folder')
      return [...this.server.nodes].flatMap(([name, node]) =>
        name !== '' && parentOf(name) === key
          ? [{ name: posix.basename(name), modifiedAtSeconds: 0, ...attributes(node) }]
          : [],
      )
    })
  }

  room(path: string): Promise<SftpRoom | undefined> {
    return this.#request('statvfs', path, () =>
      this.server.tellsRoom
        ? { bytes: this.server.saysFreeBytes ?? this.server.freeBytes, files: this.server.namesLeft }
        : undefined,
    )
  }

  async end(): Promise<void> {
    this.lose('the session was ended')
  }

  async #request<T>(
    name: string,
    path: string,
    work: (key: string, no: (status: SftpStatusError['status'], why: string) => Error, fault?: SftpFault) => T,
  ): Promise<T> {
    const no = (status: SftpStatusError['status'], why: string) => new SftpStatusError(name, path, status, why)
    const noAnswer = () => new SftpUnknownOutcomeError(name, path, this.#lost ?? 'the connection is gone')
    if (this.#lost !== undefined) throw noAnswer()
    const request = { number: this.server.requests.length + 1, name, path }
    this.server.requests.push(request)
    await Promise.resolve()
    if (this.#lost !== undefined) throw noAnswer()
    const fault = this.server.fault(request)
    if (fault === 'hang') {
      await this.closed
      throw noAnswer()
    }
    if (fault === 'deadline') throw new SftpUnknownOutcomeError(name, path, 'no answer within 10 ms')
    if (fault === 'disconnect before') {
      this.lose('the cable was pulled')
      throw noAnswer()
    }
    if (fault === 'nothing done') return undefined as T
    if (fault !== undefined && fault !== 'disconnect after' && fault !== 'short write') {
      throw no(fault, `told to say ${fault}`)
    }
    const result = work(normal(path), no, fault)
    this.server.onChange()
    if (fault === 'disconnect after') {
      this.lose('the cable was pulled')
      throw noAnswer()
    }
    return result
  }

  #checkFolder(key: string, no: (status: SftpStatusError['status'], why: string) => Error): void {
    if (this.server.nodes.get(parentOf(key)) !== 'folder') throw no('no-such-file', 'no such folder')
  }
}

/** Paths without a leading `./` or `/`; the login folder is the empty one. */
const normal = (path: string): string => posix.normalize(`/${path}`).slice(1).replace(/\/$/, '')

const parentOf = (key: string): string => (key.includes('/') ? posix.dirname(key) : '')

const attributes = (node: Node): SftpAttributes =>
  node === 'folder' ? { size: 0, isFolder: true } : { size: node.size, isFolder: false }

const opened = (handle: SftpHandle) => handle as unknown as { open: OpenFile | undefined }

const pathOf = (handle: SftpHandle): string => opened(handle).open?.path ?? 'a closed handle'

function openFile(handle: SftpHandle, no: (status: SftpStatusError['status'], why: string) => Error): OpenFile {
  const { open } = opened(handle)
  if (!open) throw no('failure', 'no such handle')
  return open
}

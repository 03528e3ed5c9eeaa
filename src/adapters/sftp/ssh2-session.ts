import type { Socket } from 'node:net'
import type ssh2 from 'ssh2'
import { SftpStatusError, SftpUnknownOutcomeError } from '../../domain/delivery-errors.ts'
import { type Milliseconds, seconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import type { SftpAttributes, SftpEntry, SftpHandle, SftpRoom, SftpSession } from '../../ports/sftp-session.ts'
import type { BytesAtOnce } from './bytes-at-once.ts'
import { gatherRequests } from './gather-requests.ts'
import { listFolder } from './list-folder.ts'
import { type Answer, PendingRequests } from './pending-requests.ts'
import { attributes, isNoSuchFile, malformed, statusOf } from './ssh2-answers.ts'

/** What stands behind an opaque `SftpHandle`. */
interface RemoteFile {
  /** The channel that opened it; no other knows the handle. */
  readonly sftp: ssh2.SFTPWrapper
  readonly id: Buffer
  readonly path: string
}

/** What may be under way over the line to one server; each of its sessions has the same. */
export interface Line {
  readonly there: BytesAtOnce
  readonly back: BytesAtOnce
}

/** What every SFTP server takes, where the library doesn't tell what this one does. */
const leastMaxWriteBytes = 32_768

/**
 * A session over an SFTP channel of ssh2. Only the protocol's single requests are used: `fastPut` and the streams neither
 * settle when the connection is lost nor tell a short write.
 */
export class Ssh2Session implements SftpSession {
  readonly closed: Promise<string>
  readonly maxWriteBytes: number
  readonly #requests: PendingRequests
  /** One from the beginning, more as the server grants them. */
  readonly #channels: ssh2.SFTPWrapper[] = []
  #turn = 0
  #isClosed = false
  #isEnding = false
  #tellClosed: (reason: string) => void = () => undefined

  constructor(
    private readonly client: ssh2.Client,
    private readonly socket: Socket,
    sftp: ssh2.SFTPWrapper,
    channels: number,
    private readonly clock: Clock,
    operationTimeout: Milliseconds,
    private readonly line: Line,
  ) {
    this.closed = new Promise((resolve) => (this.#tellClosed = resolve))
    this.#requests = new PendingRequests(clock, operationTimeout, (detail) => this.#destroy(detail))
    this.maxWriteBytes = maxWriteBytes(sftp)
    client.on('error', (error: Error) => this.#destroy(error.message))
    client.on('end', () => this.#destroy('the server ended the connection'))
    client.on('close', () => this.#destroy('the connection closed'))
    this.#adopt(sftp)
    for (let more = 1; more < channels; more++) this.#askForAnother()
  }

  /** How many the server has granted so far. */
  get channels(): number {
    return this.#channels.length
  }

  async open(path: string, mode: 'r' | 'w' | 'wx'): Promise<SftpHandle> {
    const sftp = this.#next
    const id = await this.#request<unknown>('open', path, (done) => sftp.open(path, mode, done))
    if (!Buffer.isBuffer(id)) throw malformed('open', path, 'no handle')
    const file: RemoteFile = { sftp, id, path }
    return file as unknown as SftpHandle
  }

  async write(handle: SftpHandle, bytes: Uint8Array, position: number): Promise<void> {
    const { sftp, id, path } = remoteFile(handle)
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    await this.line.there.pass(data.length, () =>
      this.#request<unknown>('write', path, (done) => sftp.write(id, data, 0, data.length, position, done)),
    )
  }

  async read(handle: SftpHandle, into: Uint8Array, position: number): Promise<number> {
    const { sftp, id, path } = remoteFile(handle)
    if (into.length === 0) return 0
    const data = Buffer.from(into.buffer, into.byteOffset, into.byteLength)
    const count = await this.line.back.pass(data.length, () =>
      this.#request<unknown>('read', path, (done) => sftp.read(id, data, 0, data.length, position, done)),
    )
    if (typeof count !== 'number' || count < 0 || count > into.length) throw malformed('read', path, 'no data')
    return count
  }

  async fsync(handle: SftpHandle): Promise<boolean> {
    const { sftp, id, path } = remoteFile(handle)
    if (!offers(sftp, 'fsync@openssh.com', '1')) return false
    try {
      await this.#command('fsync', path, (done) => sftp.ext_openssh_fsync(id, done))
      return true
    } catch (error) {
      // Offered, and not allowed to us. A disk that fails says `failure`.
      const isLacking = error instanceof SftpStatusError && ['unsupported', 'permission-denied'].includes(error.status)
      if (isLacking) return false
      throw error
    }
  }

  async fstat(handle: SftpHandle): Promise<SftpAttributes> {
    const { sftp, id, path } = remoteFile(handle)
    return attributes('fstat', path, await this.#request<unknown>('fstat', path, (done) => sftp.fstat(id, done)))
  }

  async close(handle: SftpHandle): Promise<void> {
    const { sftp, id, path } = remoteFile(handle)
    await this.#command('close', path, (done) => sftp.close(id, done))
  }

  async stat(path: string): Promise<SftpAttributes | undefined> {
    const nothing = Symbol('nothing')
    const found = await this.#request<unknown>('stat', path, (done) =>
      // An ordinary answer, twice a file: it is not made an error first.
      this.#names.stat(path, (error, attrs) => (isNoSuchFile(error) ? done(null, nothing) : done(error, attrs))),
    )
    return found === nothing ? undefined : attributes('stat', path, found)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#command('rename', to, (done) => this.#names.rename(from, to, done))
  }

  async unlink(path: string): Promise<void> {
    await this.#command('unlink', path, (done) => this.#names.unlink(path, done))
  }

  async mkdir(path: string): Promise<void> {
    await this.#command('mkdir', path, (done) => this.#names.mkdir(path, done))
  }

  async rmdir(path: string): Promise<void> {
    await this.#command('rmdir', path, (done) => this.#names.rmdir(path, done))
  }

  readdir(path: string): Promise<SftpEntry[]> {
    return listFolder(this.#names, path, (name, send) => this.#request<unknown>(name, path, send))
  }

  async room(path: string): Promise<SftpRoom | undefined> {
    const sftp = this.#names
    if (!offers(sftp, 'statvfs@openssh.com', '2')) return undefined
    const found = await this.#request<unknown>('statvfs', path, (done) => sftp.ext_openssh_statvfs(path, done))
    const {
      f_frsize: block,
      f_bavail: blocks,
      f_files: all,
      f_favail: files,
      // A bare OK is an answer without any.
    } = (found ?? {}) as Readonly<Record<string, unknown>>
    const numbers = [block, blocks, all, files].map(Number)
    if (!numbers.every((value) => value >= 0)) throw malformed('statvfs', path, 'no figures')
    return { bytes: Number(block) * Number(blocks), files: Number(all) === 0 ? Infinity : Number(files) }
  }

  async end(): Promise<void> {
    if (this.#isClosed) return
    this.#isEnding = true
    this.#requests.close('the session was ended')
    const timer = this.clock.setTimeout(() => this.#destroy('the server did not end it'), seconds(2))
    this.client.end()
    await this.closed
    this.clock.clearTimeout(timer)
  }

  /**
   * For requests about names: always the same, so that the server carries them out in the order of their asking, and free
   * of files where there is another, so that none of them waits for a file to be synced.
   */
  get #names(): ssh2.SFTPWrapper {
    return this.#channels[0] as ssh2.SFTPWrapper
  }

  /** For a file: each of the other channels in its turn. */
  get #next(): ssh2.SFTPWrapper {
    const others = this.#channels.length - 1
    if (others === 0) return this.#names
    this.#turn = (this.#turn % others) + 1
    return this.#channels[this.#turn] as ssh2.SFTPWrapper
  }

  #adopt(sftp: ssh2.SFTPWrapper): void {
    gatherRequests(sftp)
    this.#channels.push(sftp)
    sftp.on('error', (error: Error) => this.#destroy(`the server broke the protocol: ${error.message}`))
    sftp.on('end', () => this.#destroy('the server closed the channel'))
    sftp.on('close', () => this.#destroy('the server closed the channel'))
  }

  /** Nobody waits for it, and a server that grants no more is as good with those it has. */
  #askForAnother(): void {
    this.client.sftp((error, sftp) => {
      if (error === undefined && !this.#isClosed) this.#adopt(sftp)
    })
  }

  /** Idempotent: the first reason is the one that is told. */
  #destroy(reason: string): void {
    if (this.#isClosed) return
    this.#isClosed = true
    // Told before the requests give up, so that whoever hears of a request without an answer can ask why.
    this.#tellClosed(this.#isEnding ? 'the session was ended' : reason)
    this.#requests.close(reason)
    // The client's own `destroy` leaves a socket alone that we have ended and the server has not.
    this.socket.destroy()
  }

  /** A request whose only answers are yes and no. */
  async #command(name: string, path: string, send: (done: (error?: Error | null) => void) => void): Promise<void> {
    const answered = await this.#request<unknown>(name, path, send)
    if (answered !== undefined) throw malformed(name, path, 'neither yes nor no')
  }

  #request<T>(name: string, path: string, send: (done: (error?: Error | null, value?: T) => void) => void): Promise<T> {
    return this.#requests.request<T>(name, path, (answer: Answer<T>) =>
      send((error, value) => {
        if (error) answer.reject(this.#refusal(name, path, error))
        else answer.resolve(value as T)
      }),
    )
  }

  /** An error with a status number is the server's answer; any other means that there is none. */
  #refusal(name: string, path: string, error: Error & { code?: unknown }): Error {
    return typeof error.code === 'number'
      ? new SftpStatusError(name, path, statusOf(error.code), error.message, { cause: error })
      : new SftpUnknownOutcomeError(name, path, error.message, { cause: error })
  }
}

const remoteFile = (handle: SftpHandle): RemoteFile => handle as unknown as RemoteFile

/** ssh2 asks the server for its limits and keeps the answer to itself. */
function maxWriteBytes(sftp: ssh2.SFTPWrapper): number {
  const { _maxWriteLen: most } = sftp as unknown as { _maxWriteLen?: unknown }
  return typeof most === 'number' && most >= 1024 ? most : leastMaxWriteBytes
}

function offers(sftp: ssh2.SFTPWrapper, extension: string, version: string): boolean {
  const { _extensions: offered } = sftp as unknown as { _extensions?: Readonly<Record<string, unknown>> }
  return offered?.[extension] === version
}

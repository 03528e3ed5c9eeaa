/** Opens connections to the one configured server. */
export interface SftpConnector {
  /** For people: `belay@files.example.com:22`. */
  readonly address: string
  /**
   * @throws {SftpUnreachableError} no route, refused, or no answer in time.
   * @throws {SftpHostKeyError} the server is not the one that is pinned; nothing was sent, not even the user name's proof.
   * @throws {SftpAuthenticationError} the server refuses our key or password.
   * @throws {SftpCredentialsError} our own key cannot be read.
   * @throws {signal.reason}
   */
  connect(signal: AbortSignal): Promise<SftpSession>
}

/**
 * One SFTP connection, at the height of the protocol's requests. Paths are absolute or relative to the login folder.
 *
 * Every call settles: within its deadline, or when the connection closes. Before that a write or read may wait until those ahead of it
 * have been answered. A call that got no answer rejects with
 * `SftpUnknownOutcomeError`: the server may or may not have done it. An answer that says no is an `SftpStatusError`.
 * A deadline that passes takes the connection with it, or the server might do the one thing late, amid the next try.
 */
export interface SftpSession {
  /** Resolves with the reason when the connection is gone; never rejects. */
  readonly closed: Promise<string>
  /** Creates or truncates (`w`), or creates exclusively (`wx`). */
  open(path: string, mode: 'r' | 'w' | 'wx'): Promise<SftpHandle>
  write(handle: SftpHandle, bytes: Uint8Array, position: number): Promise<void>
  /** Bytes read into `into`; 0 at the end of the file. */
  read(handle: SftpHandle, into: Uint8Array, position: number): Promise<number>
  /** fsync@openssh.com; `false` where the server doesn't have it. */
  fsync(handle: SftpHandle): Promise<boolean>
  fstat(handle: SftpHandle): Promise<SftpAttributes>
  close(handle: SftpHandle): Promise<void>
  /** `undefined` where nothing has that name. */
  stat(path: string): Promise<SftpAttributes | undefined>
  /** The protocol's plain rename: fails with `failure` if `to` exists. */
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  mkdir(path: string): Promise<void>
  /** Of an empty folder. */
  rmdir(path: string): Promise<void>
  /** Many requests where the folder is long, each with its deadline. A folder of more than a million names is refused. */
  readdir(path: string): Promise<SftpEntry[]>
  /** statvfs@openssh.com: what may still be written where `path` is; `undefined` where the server doesn't have it. */
  room(path: string): Promise<SftpRoom | undefined>
  /** The largest write that the server takes, in bytes. */
  readonly maxWriteBytes: number
  /** Closes in order, then destroys after at most 2 s. */
  end(): Promise<void>
}

declare const handle: unique symbol
export interface SftpHandle {
  readonly [handle]: 'sftp handle'
}

export interface SftpAttributes {
  /** Of a file, in bytes. */
  readonly size: number
  /** `undefined`: the server does not say; the protocol leaves it the choice. */
  readonly isFolder: boolean | undefined
}

export interface SftpRoom {
  readonly bytes: number
  /** Names that may still be made; Infinity where the file system has no bound. */
  readonly files: number
}

export interface SftpEntry extends Pick<SftpAttributes, 'isFolder'> {
  readonly name: string
  readonly modifiedAtSeconds: number
}

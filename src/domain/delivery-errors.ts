import { OperatingError } from './errors.ts'

/** Nobody answers at the server's address, or not in time. */
export class SftpUnreachableError extends OperatingError {
  readonly code = 'sftp.unreachable'
  constructor(
    readonly server: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`SFTP server ${server} cannot be reached: ${detail}`, options)
  }
}

/** The server's host key is not the pinned one. Nothing was sent. */
export class SftpHostKeyError extends OperatingError {
  readonly code = 'sftp.host-key'
  constructor(
    readonly server: string,
    readonly expected: string,
    readonly found: string,
    options?: ErrorOptions,
  ) {
    super(
      `SFTP server ${server} shows host key ${found}, expected ${expected}. Nothing was sent. ` +
        'If the server was replaced on purpose, pin the new key in sftp.hostKey',
      options,
    )
  }
}

/** The server is the right one and refuses our key or password. */
export class SftpAuthenticationError extends OperatingError {
  readonly code = 'sftp.authentication'
  constructor(
    readonly server: string,
    readonly username: string,
    /** What it was shown, and what it takes. */
    readonly detail?: string,
    options?: ErrorOptions,
  ) {
    const more = detail === undefined ? '' : `: ${detail}`
    super(`SFTP server ${server} refuses the key or password of ${username}${more}`, options)
  }
}

/** Our own private key cannot be used as it is: malformed, or its passphrase is wrong or missing. */
export class SftpCredentialsError extends OperatingError {
  readonly code = 'sftp.credentials'
  constructor(
    readonly server: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(
      `The private key for SFTP server ${server} cannot be read: ${detail}. Check its file and its passphrase`,
      options,
    )
  }
}

/** There was a session, and it is gone. What was in hand may or may not have arrived. */
export class SftpConnectionLostError extends OperatingError {
  readonly code = 'sftp.connection-lost'
  constructor(
    readonly server: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`The connection to SFTP server ${server} was lost: ${detail}`, options)
  }
}

/** The server answered a request with a status that says no. */
export class SftpStatusError extends OperatingError {
  readonly code = 'sftp.status'
  constructor(
    readonly request: string,
    readonly path: string,
    readonly status: 'no-such-file' | 'permission-denied' | 'failure' | 'unsupported' | 'no-space' | 'other',
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`SFTP ${request} of ${path} was refused: ${detail} (${status})`, options)
  }
}

/** A request got no answer: the connection closed or its deadline passed. The server may or may not have done it. */
export class SftpUnknownOutcomeError extends OperatingError {
  readonly code = 'sftp.unknown-outcome'
  constructor(
    readonly request: string,
    readonly path: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`SFTP ${request} of ${path} got no answer: ${detail}`, options)
  }
}

/** The server holds another file under the final name. */
export class RemoteConflictError extends OperatingError {
  readonly code = 'delivery.conflict'
  constructor(
    readonly path: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`${path} exists on the server with other content: ${detail}. Ours is kept and was not sent over it`, options)
  }
}

/** The server's disk, or our share of it, is full. What had been stored of the file was removed. */
export class RemoteFullError extends OperatingError {
  readonly code = 'sftp.full'
  constructor(
    readonly path: string,
    readonly neededBytes: number,
    /** `undefined` where the server doesn't tell. */
    readonly freeBytes: number | undefined,
    options?: ErrorOptions,
  ) {
    const free = freeBytes === undefined ? 'it says that there is no space' : `${freeBytes} bytes are free`
    super(
      `The SFTP server has no room for ${path}: ${neededBytes} bytes are needed, ${free}. ` +
        'Files wait here, and go on by themselves once there is room',
      options,
    )
  }
}

/** The local file is gone or no longer what was sealed. */
export class SealedFileChangedError extends OperatingError {
  readonly code = 'delivery.sealed-file-changed'
  constructor(
    readonly path: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Sealed file ${path} is not what was sealed: ${detail}. It was not delivered`, options)
  }
}

/** What the server stored is not what we sent; the temporary file was removed. */
export class VerificationError extends OperatingError {
  readonly code = 'delivery.verification'
  constructor(
    readonly path: string,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`${path} was not stored whole: ${detail}`, options)
  }
}

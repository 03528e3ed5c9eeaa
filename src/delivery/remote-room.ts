import { RemoteFullError, SftpStatusError, VerificationError } from '../domain/delivery-errors.ts'
import type { OperatingError } from '../domain/errors.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { SftpRoom, SftpSession } from '../ports/sftp-session.ts'
import { ignoreRefusal } from './ignore-refusal.ts'
import { finalPath, type RemoteNames } from './remote-names.ts'

/** Requests that a full disk refuses, most servers with nothing but `failure`. */
const needRoom: ReadonlySet<string> = new Set(['mkdir', 'open', 'write', 'fsync', 'close', 'rename'])

/** Of these, those that refuse a file for its length. */
const needRoomForAll: ReadonlySet<string> = new Set(['write', 'fsync', 'close'])

/** Whether a shorter file may have arrived all the same: a full server, or one where our share is used up, need not say so. */
export const maySpeakOfRoom = (error: OperatingError): boolean =>
  error instanceof VerificationError || (error instanceof SftpStatusError && needRoomForAll.has(error.request))

/** Tells a server without room from one that refuses a file, and what fits from what doesn't. Of one session. */
export class RemoteRoom {
  #wasFull = false
  /** What it said last, if it was asked what fits. */
  #free: number | undefined
  /** A file has arrived since it said that nothing is free. */
  #tookAtNone = false
  /** It said so again after that: it always does. */
  #isMistaken = false

  constructor(
    private readonly session: SftpSession,
    private readonly names: RemoteNames,
    /** The length of a file for which there was no room, and none of that length has arrived since; 0: there is none. */
    private roomFor = 0,
  ) {}

  /**
   * The longest file that is worth a try: any, or after a full server one that fits. A server that doesn't tell is tried, at first
   * with a shorter one than was refused; and so is one that has nothing free, for that may be all that it ever says.
   *
   * @throws {SftpUnknownOutcomeError}
   */
  async longest(): Promise<number> {
    if (this.roomFor === 0) return Infinity
    this.#free = freeBytes(await this.#told())
    this.#isMistaken ||= this.#free === 0 && this.#tookAtNone
    if (this.#isMistaken) return Infinity
    return this.#tells ? (this.#free ?? 0) : this.roomFor - 1
  }

  /** All that is due is longer than that. @throws {RemoteFullError} and is not worth a try either. */
  expectMore(): void {
    if (this.#tells) throw new RemoteFullError(this.names.folder, this.roomFor, this.#free)
  }

  arrived({ bytes }: SealedFile): void {
    if (bytes >= this.roomFor) this.roomFor = 0
    this.#tookAtNone ||= this.#free === 0
  }

  /**
   * Whether it was for want of room that `file` could not be sent: there is less than it needs, beside what it has written. To
   * be asked while its temporary file is still there: once that is gone there may be room again, and the server was full all
   * the same.
   *
   * Where one file has found the server full, so has every other that it refuses in this session: what those in hand had
   * written is going away at the same time.
   *
   * @throws {SftpUnknownOutcomeError}
   */
  async wantedFor(error: unknown, file: SealedFile): Promise<RemoteFullError | undefined> {
    const refused = error instanceof SftpStatusError && needRoom.has(error.request)
    const saysSo = refused && error.status === 'no-space'
    const maySo = error instanceof VerificationError || (refused && ['failure', 'other'].includes(error.status))
    if (!saysSo && !maySo) return undefined
    const room = await this.#told()
    const free = freeBytes(room)
    this.#wasFull ||= saysSo || (free !== undefined && free < file.bytes && !this.#isMistaken)
    if (!this.#wasFull) return undefined
    return new RemoteFullError(finalPath(this.names, file), file.bytes, free, { cause: error })
  }

  get #tells(): boolean {
    return this.#free !== undefined && this.#free > 0
  }

  /** `undefined` where the server doesn't tell. */
  #told(): Promise<SftpRoom | undefined> {
    return this.session.room(this.names.folder).catch(ignoreRefusal)
  }
}

const freeBytes = (room: SftpRoom | undefined): number | undefined => room && (room.files > 0 ? room.bytes : 0)

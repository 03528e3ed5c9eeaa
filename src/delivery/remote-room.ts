import { RemoteFullError, SftpStatusError, VerificationError } from '../domain/delivery-errors.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { SftpRoom, SftpSession } from '../ports/sftp-session.ts'
import { ignoreRefusal } from './ignore-refusal.ts'
import { finalPath, type RemoteNames } from './remote-names.ts'

/** Requests that a full disk refuses, most servers with nothing but `failure`. */
const needRoom: ReadonlySet<string> = new Set(['mkdir', 'open', 'write', 'fsync', 'close', 'rename'])

/** Tells a server without room from one that refuses a file. Of one session. */
export class RemoteRoom {
  #wasFull = false

  constructor(
    private readonly session: SftpSession,
    private readonly names: RemoteNames,
  ) {}

  /** @throws {RemoteFullError} the server tells that it has less. @throws {SftpUnknownOutcomeError} */
  async expect(bytes: number): Promise<void> {
    const { folder } = this.names
    const room = await this.#told()
    if (room !== undefined && !fits(room, bytes)) throw new RemoteFullError(folder, bytes, room.bytes)
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
    const isFull = saysSo || (room !== undefined && !fits(room, file.bytes))
    this.#wasFull ||= isFull
    if (!this.#wasFull) return undefined
    const free = room && (room.files === 0 ? 0 : room.bytes)
    return new RemoteFullError(finalPath(this.names, file), file.bytes, free, { cause: error })
  }

  /** `undefined` where the server doesn't tell. */
  #told(): Promise<SftpRoom | undefined> {
    return this.session.room(this.names.folder).catch(ignoreRefusal)
  }
}

const fits = (room: SftpRoom, bytes: number): boolean => room.bytes >= bytes && room.files > 0

import type { SftpHandle, SftpSession } from '../ports/sftp-session.ts'
import { ignoreRefusal } from './ignore-refusal.ts'

/** Most files are shorter, and are synced once, at their end. */
const bytesPerSync = 16 * 2 ** 20

/**
 * Has the server put on its disk what it has taken of a large file while it is being sent more. The sync at the end is the one that
 * counts, and finds little left to do: it would otherwise keep the whole file waiting, and a slow disk beyond the deadline of a request.
 *
 * It is asked for by a handle of its own, which is another channel's where the session has more than one for files, since a channel
 * carries out one request after another. A server that doesn't open a file twice, or doesn't sync it, is not asked again.
 */
export class EarlySync {
  #unsynced = 0
  #isRefused = false
  #wasGranted = false
  #isSyncing = false
  #handle: SftpHandle | undefined
  #last: Promise<void> = Promise.resolve()

  constructor(
    private readonly session: SftpSession,
    private readonly path: string,
  ) {}

  /** The server has taken so many bytes more. */
  wrote(bytes: number): void {
    this.#unsynced += bytes
    if (this.#unsynced < bytesPerSync || this.#isSyncing || this.#isRefused) return
    this.#unsynced = 0
    this.#last = this.#sync()
    // Told at the end.
    this.#last.catch(() => undefined)
  }

  /** Once, when nothing more is written. @throws {SftpUnknownOutcomeError} @throws {SftpStatusError} a sync failed. */
  async end(): Promise<void> {
    try {
      await this.#last
    } finally {
      if (this.#handle !== undefined) await this.session.close(this.#handle).catch(ignoreRefusal)
    }
  }

  async #sync(): Promise<void> {
    this.#isSyncing = true
    try {
      this.#handle ??= await this.session.open(this.path, 'r')
      this.#wasGranted = await this.session.fsync(this.#handle)
      this.#isRefused = !this.#wasGranted
    } catch (error) {
      this.#isRefused = true
      // A server that has done it before has failed to write: not every system tells the sync at the end as well.
      if (this.#wasGranted) throw error
      ignoreRefusal(error)
    }
    this.#isSyncing = false
  }
}

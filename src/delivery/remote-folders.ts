import { SftpStatusError } from '../domain/delivery-errors.ts'
import type { SftpSession } from '../ports/sftp-session.ts'
import { parentOf } from './remote-names.ts'

/** Makes folders on the server, each once a session, however many files ask for it at the same time. */
export class RemoteFolders {
  readonly #made = new Map<string, Promise<void>>()

  constructor(private readonly session: SftpSession) {}

  /** The folder is there, and those above it. @throws {SftpStatusError} @throws {SftpUnknownOutcomeError} */
  make(path: string): Promise<void> {
    if (path === '' || path === '/' || path === '.') return Promise.resolve()
    const known = this.#made.get(path)
    if (known) return known
    const making = this.#make(path)
    this.#made.set(path, making)
    // Only success is remembered.
    making.catch(() => this.#made.delete(path))
    return making
  }

  /** Somebody removed a folder: the next `make` looks again. */
  forget(): void {
    this.#made.clear()
  }

  async #make(path: string): Promise<void> {
    if (await this.#isThere(path)) return
    await this.make(parentOf(path))
    try {
      await this.session.mkdir(path)
    } catch (error) {
      // Another client may have made it in between; servers tell that apart by nothing but a look.
      if (!(error instanceof SftpStatusError) || !(await this.#isThere(path))) throw error
    }
  }

  async #isThere(path: string): Promise<boolean> {
    const found = await this.session.stat(path)
    // Where the server does not say what it is, what is made in it will tell.
    if (found?.isFolder === false)
      throw new SftpStatusError('mkdir', path, 'failure', 'a file has the name of this folder')
    return found !== undefined
  }
}

import { SftpStatusError } from '../domain/delivery-errors.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { SftpEntry, SftpSession } from '../ports/sftp-session.ts'
import { below, sealedPathOfTemporary } from './remote-names.ts'

/**
 * Removes what earlier sessions left unfinished, once per remote folder and session, before this one writes there.
 *
 * Only temporary files of files that our manifest knows are ours: another Belay may deliver into the same folder.
 */
export class TemporarySweep {
  readonly #swept = new Map<string, Promise<void>>()

  constructor(
    private readonly session: SftpSession,
    private readonly manifest: Manifest,
  ) {}

  sweep(folder: string): Promise<void> {
    const known = this.#swept.get(folder)
    if (known) return known
    const sweeping = this.#sweep(folder)
    this.#swept.set(folder, sweeping)
    // Only success is remembered.
    sweeping.catch(() => this.#swept.delete(folder))
    return sweeping
  }

  async #sweep(folder: string): Promise<void> {
    for (const { name, isFolder } of await this.#list(folder)) {
      const path = isFolder ? undefined : sealedPathOfTemporary(name)
      if (path === undefined || !(await this.manifest.has(path))) continue
      await this.session.unlink(below(folder, name)).catch(ignoreRefusal)
    }
  }

  async #list(folder: string): Promise<SftpEntry[]> {
    try {
      return await this.session.readdir(folder === '' ? '.' : folder)
    } catch (error) {
      ignoreRefusal(error)
      return []
    }
  }
}

/** What is left lying is in nobody's way, and delivery doesn't wait for it; most often the folder isn't there yet. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof SftpStatusError)) throw error
}

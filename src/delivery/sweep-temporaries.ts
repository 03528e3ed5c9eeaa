import { milliseconds, type Milliseconds, minutes } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { SftpEntry, SftpSession } from '../ports/sftp-session.ts'
import { ignoreRefusal } from './ignore-refusal.ts'
import { below, type RemoteNames, sealedPathOfTemporary, temporaryFolder } from './remote-names.ts'

/** A folder in which files stand beside their temporary ones may be long: it is not listed more often than this. */
const betweenSweeps = minutes(60)

interface Swept {
  readonly done: Promise<void>
  readonly at: Milliseconds
}

/**
 * Removes what tries left unfinished on the server: once per remote folder and session when this one begins to write there,
 * and again now and then while it lasts, idle or not. A server may carry out late what a lost session had asked for. One
 * folder is swept at a time.
 *
 * Only temporary files of files that our manifest knows are ours: another Belay may deliver into the same folder.
 */
export class TemporarySweep {
  readonly #swept = new Map<string, Swept>()
  /** Temporary files that are being written: nobody touches them. */
  readonly #inHand = new Set<string>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly session: SftpSession,
    private readonly manifest: Manifest,
    private readonly names: RemoteNames,
    private readonly clock: Clock,
    /** Takes care of work that no file waits for, and of its failure. */
    private readonly aside: (work: () => Promise<void>) => void,
  ) {}

  /**
   * Before anything is written to `folder`. That of the temporary files is short, and swept by then; one in which files stand
   * may take longer to list than a session lasts, and nothing waits for that.
   */
  async sweep(folder: string): Promise<void> {
    const begun = this.#swept.get(folder)?.done
    if (this.names.temporary === 'folder') await (begun ?? this.#begin(folder))
    else if (begun === undefined) this.aside(() => this.#begin(folder))
  }

  /** What has come since, in the folder for temporary files and in those that this session has written to. */
  async again(): Promise<void> {
    const { folder, temporary } = this.names
    const own = temporary === 'folder' ? [below(folder, temporaryFolder)] : []
    const due = this.clock.monotonic() - betweenSweeps
    for (const each of new Set([...own, ...this.#swept.keys()])) {
      if ((this.#swept.get(each)?.at ?? milliseconds(-Infinity)) <= due) await this.#begin(each)
    }
  }

  /** `work` writes the temporary file `path`, which no sweep takes away meanwhile. */
  async sparing<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    this.#inHand.add(path)
    try {
      return await work()
    } finally {
      this.#inHand.delete(path)
    }
  }

  #begin(folder: string): Promise<void> {
    const done = this.#last.then(() => this.#sweep(folder))
    this.#last = done.catch(() => undefined)
    // For good: what it fails with ends the session.
    this.#swept.set(folder, { done, at: this.clock.monotonic() })
    return done
  }

  async #sweep(folder: string): Promise<void> {
    for (const { name, isFolder } of await this.#list(folder)) {
      const sealed = isFolder ? undefined : sealedPathOfTemporary(name)
      if (sealed === undefined || !(await this.manifest.has(sealed))) continue
      const path = below(folder, name)
      // What is left lying is in nobody's way.
      if (!this.#inHand.has(path)) await this.session.unlink(path).catch(ignoreRefusal)
    }
  }

  async #list(folder: string): Promise<SftpEntry[]> {
    try {
      return await this.session.readdir(folder === '' ? '.' : folder)
    } catch (error) {
      // Most often it isn't there yet.
      ignoreRefusal(error)
      return []
    }
  }
}

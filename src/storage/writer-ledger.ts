import type { Disk } from '../ports/disk.ts'
import type { Archive } from './pack-files.ts'
import { Tenure } from './tenure.ts'

/** The part of an open file that has been accepted: rows that belong to the file and to no other. */
export interface AcceptedPart {
  readonly bytes: number
  readonly rows: number
}

/**
 * What one incarnation of the writer leaves to the next, beside its files: how much of each open file was accepted, how much was
 * torn, which archives the manifest may have, and who may touch the disk. It lives with the queue, as long as the process.
 *
 * Bytes beyond the accepted part belong to requests that are still in the queue, and the next incarnation writes those
 * again; so it first cuts the file back.
 */
export class WriterLedger {
  /** Archives in their place of which the manifest has not said that it has them, by their folder. */
  readonly archives = new Map<string, Archive>()
  readonly #files = new Map<string, AcceptedPart>()
  #sequence = 0
  #tornBytes = 0
  #last: Promise<void> = Promise.resolve()

  /** Open files by their path. A file is noted before it is created, with nothing accepted. */
  get openFiles(): ReadonlyMap<string, AcceptedPart> {
    return this.#files
  }

  note(path: string, accepted: AcceptedPart): void {
    this.#files.set(path, accepted)
  }

  /** The file is sealed or set aside. */
  forget(path: string): void {
    this.#files.delete(path)
  }

  /** Behind the last whole frames of files that were left open, cut off since this start. */
  get tornBytes(): number {
    return this.#tornBytes
  }

  noteTorn(bytes: number): void {
    this.#tornBytes += bytes
  }

  /** Counts the files of this boot, from 1, whichever incarnation opens them. */
  nextSequence(): number {
    return ++this.#sequence
  }

  /**
   * The disk, once nothing of an earlier holder can touch it any more: its tenure has ended (it let go, or its signal
   * aborted) and its last calls have come back. A call that hangs in the kernel holds up the next incarnation for as long.
   *
   * @throws {signal.reason}
   */
  async takeOver(disk: Disk, signal: AbortSignal): Promise<Tenure> {
    signal.throwIfAborted()
    const tenure = new Tenure(disk, signal)
    const earlier = this.#last
    this.#last = earlier.then(() => tenure.over)
    await Promise.race([earlier, tenure.aborted])
    signal.throwIfAborted()
    return tenure
  }

  /** Resolves when nobody has the disk: what holders had left open is closed, too. */
  released(): Promise<void> {
    return this.#last
  }
}

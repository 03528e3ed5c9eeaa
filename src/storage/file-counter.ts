import { OperatingError } from '../domain/errors.ts'
import { type FileState, perState, setAside, sumOf, underway } from '../domain/file-state.ts'
import { type EpochMs, milliseconds, minutes, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Manifest } from '../ports/manifest.ts'

/** How many files are in each state, and how many data rows in them: the whole manifest's, not this start's. */
export interface FileCounts {
  readonly files: Readonly<Record<FileState, number>>
  readonly rows: Readonly<Record<FileState, number>>
  /** When the file was sealed that has waited longest for its delivery. */
  readonly oldestUndelivered: EpochMs | undefined
}

const none = perState(() => 0)

/** The manifest is asked at most this often, however many files come and go. */
const pause = milliseconds(250)
/** Files that are on their way change hands without a word; they are looked at this often. */
const longPause = seconds(2)
/** Of files that are set aside somebody may give up, from another program, or send them again. */
const setAsidePause = minutes(1)

/** Keeps the manifest's counts at hand for those who cannot wait for an answer. */
export class FileCounter {
  counts: FileCounts = { files: none, rows: none, oldestUndelivered: undefined }
  #manifest: Manifest | undefined
  #dirty = false
  #counting = false
  #onBug: (error: unknown) => void = () => undefined
  #endPause = (): void => undefined

  constructor(private readonly clock: Clock) {}

  /** Counts now, and whenever something changes, until `release`; `onBug` hears what should not have been thrown. */
  async attach(manifest: Manifest, onBug: (error: unknown) => void): Promise<void> {
    this.#manifest = manifest
    this.#onBug = onBug
    await this.#count(manifest)
    if (this.#someSetAside && !this.#counting) this.#countOn().catch(onBug)
  }

  /** Counts one last time; afterwards the manifest may be closed. */
  async release(): Promise<void> {
    const manifest = this.#manifest
    this.#manifest = undefined
    this.#endPause()
    if (manifest !== undefined) await this.#count(manifest)
  }

  /** Something about files has changed. */
  changed = (): void => {
    this.#dirty = true
    if (!this.#counting) this.#countOn().catch(this.#onBug)
  }

  async #countOn(): Promise<void> {
    this.#counting = true
    try {
      while (this.#manifest !== undefined && (this.#dirty || this.#someUnderway || this.#someSetAside)) {
        this.#dirty = false
        await this.#count(this.#manifest)
        await this.#pause()
      }
    } finally {
      this.#counting = false
    }
  }

  get #someUnderway(): boolean {
    return sumOf(this.counts.files, underway) > 0
  }

  get #someSetAside(): boolean {
    return sumOf(this.counts.files, setAside) > 0
  }

  /** The short one at least; a long one unless something changes meanwhile. */
  async #pause(): Promise<void> {
    const began = this.clock.monotonic()
    const long = this.#someSetAside && !this.#someUnderway ? setAsidePause : longPause
    while (this.#manifest !== undefined) {
      await this.#wait()
      if (this.#dirty || this.clock.monotonic() - began >= long) return
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.clock.setTimeout(resolve, pause)
      this.#endPause = () => {
        this.clock.clearTimeout(timer)
        resolve()
      }
    })
  }

  async #count(manifest: Manifest): Promise<void> {
    try {
      const asked = [manifest.counts(), manifest.rowCounts(), manifest.oldestUndelivered()] as const
      // One may fail before the others are answered: nothing is under way any more when this ends.
      await Promise.allSettled(asked)
      const [files, rows, oldestUndelivered] = await Promise.all(asked)
      this.counts = { files, rows, oldestUndelivered }
    } catch (error) {
      // The figures stay as they were; whoever works with the manifest hears of the same failure and says so.
      if (!(error instanceof OperatingError)) throw error
    }
  }
}

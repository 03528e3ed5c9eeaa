import { createWriteStream, type WriteStream } from 'node:fs'
import { readdir, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type EpochMs, isoTime, type Milliseconds, seconds } from '../../domain/units.ts'
import type { Log } from '../../ports/log.ts'
import { makeFolder } from '../make-folder.ts'

export interface LineFolderOptions {
  readonly folder: string
  /** The first line of each file, with its line break, as it is when the file begins. */
  readonly header: () => string
  readonly log: Log
  /** A file that has grown to this is followed by another. Default 16 MB. */
  readonly fileBytes?: number
  /** The oldest files go, so that all of them together grow to no more than this. Default 256 MB. */
  readonly bytes?: number
  /** The oldest files beyond go: each start begins one, however short. Default 1,000. */
  readonly files?: number
  /** What waits for the disk at most, of all files together; lines beyond are left out. Default 4 MB. */
  readonly backlogBytes?: number
  /** How long `close` waits for the disk. Default 1 s. */
  readonly patience?: Milliseconds
}

/** What a recording is held to, where nothing else is said. */
export const recordingLimits = {
  fileBytes: 16_000_000,
  bytes: 256_000_000,
  files: 1_000,
  backlogBytes: 4_000_000,
} as const

/** `belay-2026-11-25T07-12-39-123Z.jsonl`; sorted by name they are sorted by time, as the wall clock had it. */
const namePattern = /^belay-[\dTZ-]+\.jsonl$/

/**
 * Lines in files of one folder: a new file at the first line and whenever one is full.
 *
 * Nobody waits for it, and it never throws: a disk that is slow or full costs lines, and says so in the log.
 */
export class LineFolder {
  readonly #options: Required<LineFolderOptions>
  #stream: WriteStream | undefined
  /** That one, and those before it that have not ended yet. */
  readonly #open = new Set<WriteStream>()
  /** Names of the latest that were begun here, the one that is written last: the wall clock may have been set meanwhile. */
  #own: readonly string[] = []
  #written = 0
  #lost = 0
  #housekeeping: Promise<void> = Promise.resolve()

  private constructor(options: LineFolderOptions) {
    this.#options = { ...recordingLimits, patience: seconds(1), ...options }
  }

  /** @throws what the operating system says of the folder. */
  static async open(options: LineFolderOptions): Promise<LineFolder> {
    await makeFolder(options.folder, 0o750)
    return new LineFolder(options)
  }

  /** `line` with its line break; `at` names the file, where one begins. */
  write(line: string, at: EpochMs): void {
    // Not on a disk that takes nothing: each file that it is asked for would hold one of the few threads that Node has for all disks.
    const isFull = this.#written >= this.#options.fileBytes && !this.#isBehind
    if (this.#stream === undefined || isFull) this.#begin(at)
    this.#put(line)
  }

  /** Resolves when all that was taken is in its file; a disk that doesn't answer holds up nobody, and costs the last lines. */
  async close(): Promise<void> {
    const { log, folder, patience } = this.#options
    this.#stream?.end()
    this.#stream = undefined
    const ended = [...this.#open].map((stream) => new Promise<void>((resolve) => stream.once('close', resolve)))
    const all = Promise.all(ended).then(() => this.#housekeeping)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), patience)))
    if ((await Promise.race([all, late])) === 'late') {
      for (const stream of this.#open) stream.destroy()
      log.warn('the disk does not answer: the last lines of the recording may be missing', { folder })
    }
    clearTimeout(timer)
    if (this.#lost > 0) log.warn('lines were left out of the recording', { lost: this.#lost })
  }

  #begin(at: EpochMs): void {
    this.#stream?.end()
    const { folder, log, header } = this.#options
    const path = join(folder, `belay-${isoTime(at).replace(/[:.]/g, '-')}.jsonl`)
    // Exclusively: what is there is another's.
    const stream = createWriteStream(path, { flags: 'wx', mode: 0o640 })
    stream.on('error', (error) => {
      log.warn('the recording cannot be written; lines are left out until its next file', { path, error })
    })
    this.#open.add(stream)
    stream.once('close', () => this.#open.delete(stream))
    const made = new Promise<void>((resolve) => stream.once('open', () => resolve()).once('close', resolve))
    this.#stream = stream
    this.#own = [...this.#own.filter((name) => name !== basename(path)), basename(path)]
    this.#written = 0
    this.#put(header())
    // Once it is made, or it would be counted neither now nor later.
    this.#housekeeping = this.#housekeeping.then(() => made).then(() => this.#removeOldest())
  }

  #put(line: string): void {
    // Counted also where the disk takes nothing, so that a next file is tried.
    this.#written += Buffer.byteLength(line)
    const stream = this.#stream
    if (stream === undefined || stream.errored !== null || this.#isBehind) return this.#lose()
    stream.write(line)
  }

  #lose(): void {
    if (++this.#lost === 1) this.#options.log.warn('the disk takes too little: lines are left out of the recording')
  }

  get #isBehind(): boolean {
    let waiting = 0
    for (const { errored, writableLength } of this.#open) if (errored === null) waiting += writableLength
    return waiting > this.#options.backlogBytes
  }

  /** What was there before is older than what was begun here, whatever the wall clock said then. */
  async #removeOldest(): Promise<void> {
    const { folder, log } = this.#options
    try {
      const found = (await readdir(folder)).filter((name) => namePattern.test(name))
      const before = found.filter((name) => !this.#own.includes(name)).sort()
      const all = [...before, ...this.#own.filter((name) => found.includes(name))]
      for (const name of await this.#tooMany(all)) await unlink(join(folder, name))
    } catch (error) {
      log.warn('old recordings cannot be removed', { folder, error })
    }
    this.#own = this.#own.slice(-this.#options.files)
  }

  /** Of all files, the oldest first, those that are too many or too large together; never the last, which may grow yet. */
  async #tooMany(all: readonly string[]): Promise<readonly string[]> {
    const { folder, files, bytes, fileBytes } = this.#options
    let room = bytes - fileBytes
    for (let kept = 1; kept < all.length; kept++) {
      const index = all.length - 1 - kept
      room -= (await stat(join(folder, all[index]!))).size
      if (kept >= files || room < 0) return all.slice(0, index + 1)
    }
    return []
  }
}

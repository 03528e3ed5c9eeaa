import type { Disk, DiskFile } from '../ports/disk.ts'

/**
 * The right of one incarnation of the writer to the disk.
 *
 * When it has ended, its disk takes no new calls, answers of calls under way are not given to the caller any more (who
 * would act on them), and files that were left open are closed. `over` resolves when the last of that has come back.
 */
export class Tenure {
  readonly disk: Disk
  readonly over: Promise<void>
  /** Resolves when the signal aborts or the tenure ends. */
  readonly aborted: Promise<void>
  readonly #open = new Set<DiskFile>()
  #underWay = 0
  #ended = false
  #sayOver: () => void = () => undefined
  #sayAborted: () => void = () => undefined
  readonly #onAbort = () => this.end()

  constructor(
    disk: Disk,
    private readonly signal: AbortSignal,
  ) {
    this.over = new Promise((resolve) => (this.#sayOver = resolve))
    this.aborted = new Promise((resolve) => (this.#sayAborted = resolve))
    this.disk = this.#fence(disk)
    signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Lets go of the disk. May be called again. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.signal.removeEventListener('abort', this.#onAbort)
    this.#sayAborted()
    this.#settle()
  }

  #settle(): void {
    if (!this.#ended || this.#underWay > 0) return
    const left = [...this.#open]
    this.#open.clear()
    // What could not be closed is as closed as it will ever be; nobody is left to tell.
    void Promise.allSettled(left.map((file) => file.close())).then(() => this.#sayOver())
  }

  async #call<Result>(start: () => Promise<Result>): Promise<Result> {
    this.#check()
    this.#underWay++
    try {
      return await start()
    } finally {
      this.#underWay--
      this.#settle()
      this.#check()
    }
  }

  #check(): void {
    this.signal.throwIfAborted()
    if (this.#ended) throw new Error('The disk was used after it had been let go')
  }

  #fence(disk: Disk): Disk {
    const opened = (path: string, open: (path: string) => Promise<DiskFile>): Promise<DiskFile> =>
      this.#call(async () => {
        const file = await open(path)
        this.#open.add(file)
        return this.#fenceFile(file)
      })
    return {
      makeFolder: (path) => this.#call(() => disk.makeFolder(path)),
      list: (path) => this.#call(() => disk.list(path)),
      create: (path) => opened(path, (at) => disk.create(at)),
      open: (path) => opened(path, (at) => disk.open(at)),
      rename: (from, to) => this.#call(() => disk.rename(from, to)),
      unlink: (path) => this.#call(() => disk.unlink(path)),
      syncFolder: (path) => this.#call(() => disk.syncFolder(path)),
      freeBytes: () => this.#call(() => disk.freeBytes()),
    }
  }

  #fenceFile(file: DiskFile): DiskFile {
    return {
      write: (bytes, position) => this.#call(() => file.write(bytes, position)),
      read: (into, position) => this.#call(() => file.read(into, position)),
      readEach: (into, position) => this.#call(() => file.readEach(into, position)),
      length: () => this.#call(() => file.length()),
      truncate: (length) => this.#call(() => file.truncate(length)),
      datasync: () => this.#call(() => file.datasync()),
      close: () =>
        this.#call(() => {
          // A file is closed once, whether that succeeds or not.
          this.#open.delete(file)
          return file.close()
        }),
    }
  }
}

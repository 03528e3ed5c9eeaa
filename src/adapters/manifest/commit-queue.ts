import { IllegalFileStateError } from '../../domain/illegal-file-state-error.ts'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'
import type { SqliteDatabase } from './sqlite-database.ts'

interface Job {
  /** Runs inside the transaction. An illegal change, thrown before anything is written, is its own failure only; any other
   * failure is that of the whole transaction. */
  readonly work: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/** Jobs of one transaction. More would make one caller wait for the work of very many. */
const jobsPerCommit = 500

/** What is asked for `soon` waits so long for others to share a commit with, in milliseconds: each commit is two turns of another thread. */
const soonMs = 20

/**
 * Group commit: jobs that arrive while a transaction is being made durable share the next one.
 *
 * BEGIN and COMMIT run on another thread, and the COMMIT is where the disk is waited for, so the event loop never is. A job
 * settles only after its COMMIT. Its length is bounded by its callers: each of them waits for its own jobs.
 */
export class CommitQueue {
  #jobs: Job[] = []
  /** Of the jobs, some are not to wait. */
  #isDue = false
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #closed = false
  /** The last transaction found no room on the disk. */
  #wasFull = false

  constructor(private readonly db: SqliteDatabase) {}

  /**
   * Runs `work` in the next transaction; resolves with its result once that is durable. `soon`: nobody waits for it, and it
   * takes the next one that somebody does wait for, or that of a moment later. @throws {ManifestFailedError}
   */
  do<T>(work: () => T | Promise<T>, when: 'now' | 'soon' = 'now'): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) return reject(new ManifestFailedError(this.db.file, 'a call', 'closed by ourselves'))
      this.#jobs.push({ work, resolve, reject })
      if (when === 'now') this.#start()
      else this.#timer ??= setTimeout(() => this.#start(), soonMs)
    })
  }

  /** Lets what is queued finish and refuses the rest. */
  async close(): Promise<void> {
    this.#closed = true
    this.#start()
    await this.#running
  }

  #start(): void {
    this.#isDue = true
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // Callers of the same turn of the event loop come together.
    await Promise.resolve()
    while (this.#isDue) {
      const jobs = this.#jobs.splice(0, jobsPerCommit)
      this.#isDue = this.#jobs.length > 0
      clearTimeout(this.#timer)
      this.#timer = undefined
      if (jobs.length > 0) await this.#commit(jobs)
    }
    this.#running = undefined
  }

  /**
   * A reader may have kept the log growing until the disk was full. Once it has gone, what is in the log can be copied into the
   * database and its room used again; SQLite itself does that only after a commit, for which there is no room. It takes a
   * little room itself, so it comes before anything else that would use up what somebody has made.
   */
  async #reuseLog(): Promise<void> {
    // Where the reader is still there, or the copy finds no room either, the commit tells.
    await this.db.exec('PRAGMA wal_checkpoint(PASSIVE)', 'checkpoint').catch(() => undefined)
  }

  async #commit(jobs: Job[]): Promise<void> {
    const settle: (() => void)[] = []
    if (this.#wasFull) await this.#reuseLog()
    try {
      await this.db.exec('BEGIN IMMEDIATE', 'begin')
      for (const { work, resolve, reject } of jobs) {
        try {
          const result = await work()
          settle.push(() => resolve(result as never))
        } catch (error) {
          if (!(error instanceof IllegalFileStateError)) throw this.db.explained('a statement', error)
          settle.push(() => reject(error))
        }
      }
      await this.db.exec('COMMIT', 'commit')
      this.#wasFull = false
    } catch (error) {
      // SQLite may have rolled back by itself, and then there is nothing to roll back: that answer changes nothing.
      await this.db.exec('ROLLBACK', 'rollback').catch(() => undefined)
      this.#wasFull = error instanceof ManifestFailedError && error.sqliteCode === 'SQLITE_FULL'
      for (const { reject } of jobs) reject(error)
      return
    }
    for (const done of settle) done()
  }
}

import { IllegalFileStateError } from '../../src/domain/illegal-file-state-error.ts'
import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import type { MemoryManifest } from '../fakes/memory-manifest.ts'
import { breaks, type Fault, fails, type HeldCall, type HeldCalls, hangs } from './held-calls.ts'

/** What the manifest's folder holds beside what was committed: it outlives the daemon's processes. */
export interface ManifestFolder {
  readonly manifest: MemoryManifest
  /**
   * A transaction whose COMMIT was reported as failed after all of it was in the write-ahead log: SQLite has rolled it back, so
   * that this process does not see it, and whoever opens the manifest next, without anybody having closed it, reads the log and
   * finds it. The next change takes its place in the log.
   */
  unseen: (() => Promise<unknown>) | undefined
  /** Whether it is found. */
  isInLog: () => boolean
  /** Whether the disk has no room at all. */
  readonly isFull: boolean
  /** The process that has it open, or had it when it ended: the lock goes with the process. */
  heldBy: HeldCalls | undefined
}

/** One call of somebody's, to be done in a transaction. */
export interface Statement {
  readonly method: string
  /** What it is about: a path, a number. */
  readonly about: string
  readonly isChange: boolean
  readonly work: () => Promise<unknown>
}

interface Job extends Statement {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

const failed = (sqliteCode: string) => fails(sqliteCode, (call) => failureOf(call, sqliteCode))
const failureOf = ({ name }: HeldCall, sqliteCode: string): ManifestFailedError =>
  new ManifestFailedError('belay.db', name, sqliteCode)

/** A failed call has done nothing that anybody sees who has the manifest open, says the port. */
export const asking: readonly Fault[] = [failed('SQLITE_IOERR'), hangs, breaks]
export const taking: readonly Fault[] = [...asking, failed('SQLITE_FULL')]

/**
 * The transactions of one process that has the manifest open. As in the real one, what is asked for while a transaction is under
 * way shares the next one; a transaction is one call that waits for the director, so it is done as a whole or not at all.
 */
export class SimulatedCommits {
  #jobs: Job[] = []
  #running: Promise<void> | undefined

  constructor(
    private readonly folder: ManifestFolder,
    private readonly calls: HeldCalls,
  ) {}

  /** Answers once its transaction is durable. */
  do(statement: Statement): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ ...statement, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** What is queued is done first. */
  async settled(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    // Callers of the same turn come together.
    await Promise.resolve()
    while (this.#jobs.length > 0) await this.#commit(this.#jobs.splice(0))
    this.#running = undefined
  }

  async #commit(jobs: readonly Job[]): Promise<void> {
    const changes = jobs.filter(({ isChange }) => isChange)
    const settled: (() => void)[] = []
    const { folder } = this
    try {
      await this.calls.hold({
        name: 'manifest.commit',
        detail: jobs.map(({ method, about }) => `${method} ${about}`.trimEnd()).join(', '),
        faults: changes.length > 0 ? [...taking, inLogThoughFailed(folder, () => all(changes))] : asking,
        work: async () => {
          if (changes.length > 0) expectRoom(folder, 'commit')
          const before = folder.manifest.changes.length
          settled.push(...(await all(jobs)))
          // What changes nothing writes nothing into the log.
          const counts = jobs.some(({ method }) => method === 'beginBoot')
          if (counts || folder.manifest.changes.length > before) folder.unseen = undefined
        },
      })
    } catch (error) {
      for (const { reject } of jobs) reject(error)
      return
    }
    for (const settle of settled) settle()
  }
}

/** All that SQLite changes goes into its log first, which needs room. */
export function expectRoom({ isFull }: ManifestFolder, call: string): void {
  if (isFull) throw new ManifestFailedError('belay.db', call, 'SQLITE_FULL')
}

/** One after the other; an illegal change is its own failure only. How to answer each. */
async function all(jobs: readonly Job[]): Promise<(() => void)[]> {
  const settled: (() => void)[] = []
  for (const { work, resolve, reject } of jobs) {
    try {
      const answer = await work()
      settled.push(() => resolve(answer))
    } catch (error) {
      if (!(error instanceof IllegalFileStateError)) throw error
      settled.push(() => reject(error))
    }
  }
  return settled
}

/** The sync of the log failed, or what came after it. */
const inLogThoughFailed = (folder: ManifestFolder, work: () => Promise<unknown>): Fault => ({
  name: 'SQLITE_IOERR_FSYNC, though in the log',
  strike: (call) => {
    folder.unseen = work
    call.reject(failureOf(call, 'SQLITE_IOERR_FSYNC'))
  },
})

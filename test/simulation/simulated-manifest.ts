import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import type { Manifest } from '../../src/ports/manifest.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { breaks, type Fault, fails, type HeldCall, type HeldCalls, hangs } from './held-calls.ts'

const failed = (sqliteCode: string) => fails(sqliteCode, (call) => failureOf(call, sqliteCode))
const failureOf = ({ name }: HeldCall, sqliteCode: string): ManifestFailedError =>
  new ManifestFailedError('belay.db', name, sqliteCode)

/** A failed call has done nothing that anybody sees who has the manifest open, says the port. */
const asking: readonly Fault[] = [failed('SQLITE_IOERR'), hangs, breaks]
const taking: readonly Fault[] = [...asking, failed('SQLITE_FULL')]

/** Calls that commit a change. */
const changing: readonly (keyof Manifest)[] = [
  ...([
    'beginBoot',
    'add',
    'addImage',
    'pack',
    'unhold',
    'release',
    'claim',
    'delivered',
    'retry',
    'conflict',
  ] as const),
  ...(['refuse', 'deadLetter', 'resend', 'removed'] as const),
]
const changes = new Set<string>(changing)
/** What only tests ask. */
const forTests = new Set(['constructor', 'file', 'entries', 'underway'])
const methods = Object.getOwnPropertyNames(MemoryManifest.prototype).filter((name) => !forTests.has(name))

/** What the manifest's folder holds beside what was committed: it outlives the daemon's processes. */
export interface ManifestFolder {
  readonly manifest: MemoryManifest
  /**
   * A change whose COMMIT was reported as failed after all of it was in the write-ahead log: SQLite has rolled it back, so that
   * this process does not see it, and whoever opens the manifest next, without anybody having closed it, reads the log and
   * finds it. The next change takes its place in the log.
   */
  unseen: (() => Promise<unknown>) | undefined
  /** Whether it is found. */
  isInLog: () => boolean
  /** Whether the disk has no room at all. */
  readonly isFull: boolean
}

/** The manifest of one process, open or closed: every call waits for the director. */
export function openSimulatedManifest(folder: ManifestFolder, calls: HeldCalls): Promise<Manifest> {
  const { manifest } = folder
  let isOpen = true
  const held = (method: string) => {
    const work = (manifest[method as keyof Manifest] as (...args: unknown[]) => Promise<unknown>).bind(manifest)
    const isChange = changes.has(method)
    return (...args: unknown[]): Promise<unknown> => {
      if (!isOpen) return Promise.reject(new ManifestFailedError('belay.db', method, 'closed by ourselves'))
      if (method === 'close') isOpen = false
      const committed = committing(folder, () => work(...args))
      return calls.hold({
        name: `manifest.${method}`,
        detail: subject(args[0]),
        faults: isChange ? [...taking, inLogThoughFailed(folder, () => work(...args))] : asking,
        work: async () => {
          if (isChange) return roomFor(folder, method, committed)
          const answer = await work(...args)
          // What is in the log is taken into the database, and the log is gone.
          if (method === 'close') folder.unseen = undefined
          return answer
        },
      })
    }
  }
  const opened = Object.fromEntries(methods.map((method) => [method, held(method)])) as unknown as Manifest
  const open = async (): Promise<Manifest> => {
    const { unseen } = folder
    folder.unseen = undefined
    // What is an illegal change is rejected before anything of it is in the log.
    if (unseen !== undefined && folder.isInLog()) await unseen().catch(() => undefined)
    return opened
  }
  return calls.hold({
    name: 'manifest.open',
    detail: 'belay.db',
    faults: taking,
    work: () => roomFor(folder, 'open', open),
  })
}

/** All that SQLite changes goes into its log first, which needs room. */
async function roomFor<Answer>({ isFull }: ManifestFolder, call: string, work: () => Promise<Answer>): Promise<Answer> {
  if (isFull) throw new ManifestFailedError('belay.db', call, 'SQLITE_FULL')
  return work()
}

/** What changes nothing writes nothing into the log. */
const committing = (folder: ManifestFolder, work: () => Promise<unknown>) => async (): Promise<unknown> => {
  const before = folder.manifest.changes.length
  const answer = await work()
  if (folder.manifest.changes.length > before) folder.unseen = undefined
  return answer
}

/** The sync of the log failed, or what came after it. */
const inLogThoughFailed = (folder: ManifestFolder, work: () => Promise<unknown>): Fault => ({
  name: 'SQLITE_IOERR_FSYNC, though in the log',
  strike: (call) => {
    folder.unseen = work
    call.reject(failureOf(call, 'SQLITE_IOERR_FSYNC'))
  },
})

function subject(about: unknown): string {
  if (typeof about === 'object' && about !== null) return 'path' in about ? String(about.path) : ''
  return typeof about === 'string' || typeof about === 'number' ? String(about) : ''
}

import { ManifestFailedError, ManifestInUseError } from '../../src/domain/manifest-errors.ts'
import type { Manifest } from '../../src/ports/manifest.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import type { HeldCalls } from './held-calls.ts'
import { asking, expectRoom, type ManifestFolder, SimulatedCommits, taking } from './simulated-commits.ts'

/** Calls that commit a change. */
const changing: readonly (keyof Manifest)[] = [
  ...(['beginBoot', 'add', 'addImage', 'pack', 'refuseHeld', 'unhold', 'release', 'claim', 'delivered'] as const),
  ...(['retry', 'conflict', 'refuse', 'deadLetter', 'resend', 'giveUp', 'removed'] as const),
]
const changes = new Set<string>(changing)
/** Calls that have a connection of their own, and wait for no transaction. */
const apart = new Set<string>(['files', 'history', 'copyBytes', 'copyTo'] satisfies (keyof Manifest)[])
/** What only tests ask. */
const forTests = new Set(['constructor', 'file', 'entries', 'underway', 'close'])
const methods = Object.getOwnPropertyNames(MemoryManifest.prototype).filter((name) => !forTests.has(name))

/** The manifest of one process, open or closed: every transaction waits for the director. */
export function openSimulatedManifest(folder: ManifestFolder, calls: HeldCalls): Promise<Manifest> {
  const { manifest } = folder
  const commits = new SimulatedCommits(folder, calls)
  let isOpen = true
  const held = (method: string) => {
    const call = (manifest[method as keyof Manifest] as (...args: unknown[]) => Promise<unknown>).bind(manifest)
    const isChange = changes.has(method)
    return (...args: unknown[]): Promise<unknown> => {
      if (!isOpen) return Promise.reject(new ManifestFailedError('belay.db', method, 'closed by ourselves'))
      const work = (): Promise<unknown> => call(...args)
      const about = subject(args[0])
      if (!apart.has(method)) return commits.do({ method, about, isChange, work })
      return calls.hold({ name: `manifest.${method}`, detail: about, faults: asking, work })
    }
  }
  const close = async (): Promise<void> => {
    isOpen = false
    await commits.settled()
    try {
      await calls.hold({
        name: 'manifest.close',
        detail: '',
        faults: asking,
        // What is in the log is taken into the database, and the log is gone.
        work: () => (folder.unseen = undefined),
      })
    } finally {
      if (folder.heldBy === calls) folder.heldBy = undefined
    }
  }
  const opened = {
    ...Object.fromEntries(methods.map((method) => [method, held(method)])),
    // Asked once a life.
    deliveredElsewhere: manifest.deliveredElsewhere.bind(manifest),
    close,
  } as unknown as Manifest
  return calls.hold({
    name: 'manifest.open',
    detail: 'belay.db',
    faults: taking,
    work: async () => {
      if (folder.heldBy === calls) throw new ManifestInUseError('data', process.pid)
      expectRoom(folder, 'open')
      const { unseen } = folder
      folder.unseen = undefined
      if (unseen !== undefined && folder.isInLog()) await unseen()
      folder.heldBy = calls
      return opened
    },
  })
}

function subject(about: unknown): string {
  if (Array.isArray(about)) return about.join(' ')
  if (typeof about === 'object' && about !== null) return 'path' in about ? String(about.path) : ''
  return typeof about === 'string' || typeof about === 'number' ? String(about) : ''
}

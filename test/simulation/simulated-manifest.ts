import { ManifestFailedError } from '../../src/domain/manifest-errors.ts'
import type { Manifest } from '../../src/ports/manifest.ts'
import { MemoryManifest } from '../fakes/memory-manifest.ts'
import { breaks, type Fault, fails, type HeldCalls, hangs } from './held-calls.ts'

/** A failed call has done nothing, says the port. */
const faults: readonly Fault[] = [
  fails('fails', ({ name }) => new ManifestFailedError('belay.db', name, 'SQLITE_IOERR')),
  hangs,
  breaks,
]

/** What only tests ask. */
const forTests = new Set(['constructor', 'file', 'entries', 'underway'])
const methods = Object.getOwnPropertyNames(MemoryManifest.prototype).filter((name) => !forTests.has(name))

/** The manifest of one process, open or closed: every call waits for the director. */
export function openSimulatedManifest(manifest: MemoryManifest, calls: HeldCalls): Promise<Manifest> {
  let isOpen = true
  const held = (method: string) => {
    const work = (manifest[method as keyof Manifest] as (...args: unknown[]) => Promise<unknown>).bind(manifest)
    return (...args: unknown[]): Promise<unknown> => {
      if (!isOpen) throw new Error(`manifest.${method} of a manifest that is closed`)
      if (method === 'close') isOpen = false
      return calls.hold({ name: `manifest.${method}`, detail: subject(args[0]), faults, work: () => work(...args) })
    }
  }
  const opened = Object.fromEntries(methods.map((method) => [method, held(method)])) as unknown as Manifest
  return calls.hold({ name: 'manifest.open', detail: 'belay.db', faults, work: () => opened })
}

function subject(about: unknown): string {
  if (typeof about === 'object' && about !== null) return 'path' in about ? String(about.path) : ''
  return typeof about === 'string' || typeof about === 'number' ? String(about) : ''
}

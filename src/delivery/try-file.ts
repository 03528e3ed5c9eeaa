import { type Backoff, backoffDelay } from '../domain/backoff.ts'
import { RemoteConflictError, SealedFileChangedError, SftpUnknownOutcomeError } from '../domain/delivery-errors.ts'
import { OperatingError } from '../domain/errors.ts'
import { epochMs } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { FileEntry, Manifest } from '../ports/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { SftpSession } from '../ports/sftp-session.ts'
import { type Delivered, deliverFile } from './deliver-file.ts'
import type { DeliveryCounters } from './delivery-stats.ts'
import type { RemoteFolders } from './remote-folders.ts'
import { attemptName, parentOf, type RemoteNames, temporaryPath } from './remote-names.ts'
import type { TemporarySweep } from './sweep-temporaries.ts'

/** What became of one try of one file. */
export type FileFact =
  | { readonly type: 'file.delivered'; readonly path: string; readonly outcome: Delivered['outcome'] }
  /** `again`: it is tried again later. Otherwise it is set aside: it is no longer what was sealed. */
  | { readonly type: 'file.failed'; readonly path: string; readonly why: string; readonly again: boolean }
  /** The server has another file under its name; it is set aside. */
  | { readonly type: 'file.conflict'; readonly path: string; readonly why: string }

export interface TryFileOptions {
  readonly session: SftpSession
  readonly disk: Disk
  readonly manifest: Manifest
  readonly folders: RemoteFolders
  readonly sweep: TemporarySweep
  readonly names: RemoteNames
  readonly clock: Clock
  readonly random: Random
  /** The schedule of a file that fails by itself. */
  readonly retry: Backoff
  readonly counters: DeliveryCounters
  /** Once it has aborted, the manifest is not touched: the file may be in other hands by then. */
  readonly signal: AbortSignal
}

/**
 * One try of a claimed file, up to its verdict in the manifest.
 *
 * @throws {SftpUnknownOutcomeError} no answer. The file is back in the manifest, ambiguous, and the session is of no more use.
 * @throws {ManifestFailedError}
 * @throws {signal.reason}
 */
export async function tryFile(entry: FileEntry, options: TryFileOptions): Promise<FileFact> {
  const { clock, manifest, counters, signal } = options
  const { id, path } = entry
  const result = await attempt(entry, options)
  signal.throwIfAborted()
  const at = clock.now()
  if (!(result instanceof OperatingError)) {
    await manifest.delivered(id, at)
    counters.uploaded++
    return { type: 'file.delivered', path, outcome: result.outcome }
  }
  const why = result.message
  counters.failed++
  if (result instanceof RemoteConflictError) {
    await manifest.conflict(id, why, at)
    counters.setAside++
    return { type: 'file.conflict', path, why }
  }
  if (result instanceof SealedFileChangedError) {
    await manifest.refuse(id, why, at)
    counters.setAside++
    return { type: 'file.failed', path, why, again: false }
  }
  if (result instanceof SftpUnknownOutcomeError) {
    // Not the file's own failure: it is due again as soon as there is a session.
    await manifest.retry(id, { dueAt: at, ambiguous: true, blame: 'session', why, at })
    throw result
  }
  const wait = backoffDelay(options.retry, entry.attempts + 1, options.random())
  await manifest.retry(id, { dueAt: epochMs(at + wait), ambiguous: false, blame: 'server', why, at })
  return { type: 'file.failed', path, why, again: true }
}

/** What the world did is a value here; what is our own bug is thrown. */
async function attempt(entry: FileEntry, options: TryFileOptions): Promise<Delivered | OperatingError> {
  const { names, sweep, random } = options
  const name = attemptName(random())
  try {
    await sweep.sweep(parentOf(temporaryPath(names, entry, name)))
    return await deliverFile(entry, { ...options, attempt: name })
  } catch (error) {
    if (error instanceof OperatingError) return error
    throw error
  }
}

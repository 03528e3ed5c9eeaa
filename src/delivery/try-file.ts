import { type Backoff, backoffDelay } from '../domain/backoff.ts'
import {
  RemoteConflictError,
  RemoteFullError,
  SealedFileChangedError,
  SftpStatusError,
  SftpUnknownOutcomeError,
} from '../domain/delivery-errors.ts'
import { DataFolderAwayError } from '../domain/disk-error.ts'
import { OperatingError } from '../domain/errors.ts'
import { ManifestFailedError } from '../domain/manifest-errors.ts'
import { type FileWords, fileWords } from '../domain/sealed-file.ts'
import { type EpochMs, epochMs } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { FileEntry, Manifest } from '../ports/manifest.ts'
import type { Random } from '../ports/random.ts'
import type { SftpSession } from '../ports/sftp-session.ts'
import type { Buffers } from './buffers.ts'
import { type Delivered, deliverFile, type Verify } from './deliver-file.ts'
import type { DeliveryCounters } from './delivery-stats.ts'
import type { RemoteFolders } from './remote-folders.ts'
import { attemptName, finalPath, parentOf, type RemoteNames, temporaryPath } from './remote-names.ts'
import { maySpeakOfRoom, type RemoteRoom } from './remote-room.ts'
import type { Suspicion } from './suspicion.ts'
import type { TemporarySweep } from './sweep-temporaries.ts'

/** It is in our hands, to be sent. */
export type FileClaimed = { readonly type: 'file.claimed' } & FileWords

/** The session ended before its turn, before an answer, or for want of room: it is as it was, and due again. */
export type FileReleased = { readonly type: 'file.released'; readonly why: string; readonly dueAt: EpochMs } & FileWords

/** What became of one try of one file. */
export type FileFact =
  | ({ readonly type: 'file.delivered'; readonly outcome: Delivered['outcome'] } & FileWords)
  /** It is set aside: it is no longer what was sealed. */
  | ({ readonly type: 'file.failed'; readonly why: string; readonly again: false } & FileWords)
  /** It is tried again. */
  | ({ readonly type: 'file.failed'; readonly why: string; readonly again: true; readonly dueAt: EpochMs } & FileWords)
  /** The server has another file under its name; it is set aside. */
  | ({ readonly type: 'file.conflict'; readonly why: string } & FileWords)
  /** It failed too often by its own fault; it is set aside until somebody sends it again. */
  | ({ readonly type: 'file.deadLetter'; readonly why: string } & FileWords)

export interface TryFileOptions {
  readonly session: SftpSession
  readonly disk: Disk
  readonly manifest: Manifest
  readonly folders: RemoteFolders
  readonly room: RemoteRoom
  readonly sweep: TemporarySweep
  readonly names: RemoteNames
  /** The server and the folder there. */
  readonly target: string
  readonly verify: Verify
  readonly syncsName: boolean
  readonly shown: Set<string>
  readonly buffers: Buffers
  readonly clock: Clock
  readonly random: Random
  /** The schedule of a file that fails by itself. */
  readonly retry: Backoff
  readonly suspicion: Suspicion
  /** Failures by a file's own fault after which it is a dead letter. */
  readonly deadLetterAfter: number
  readonly counters: DeliveryCounters
  readonly onReleased: (fact: FileReleased) => void
  /** The server refused to open a file, and didn't say why. */
  readonly onNotOpened: () => void
  /** Once it has aborted, the manifest is not touched: the file may be in other hands by then. */
  readonly signal: AbortSignal
}

/**
 * One try of a claimed file, up to its verdict in the manifest. `onArrived`: the server shows it, verified, and only the manifest
 * has still to be told.
 *
 * @throws {SftpUnknownOutcomeError} no answer. The file is back in the manifest, ambiguous, and the session is of no more use.
 * @throws {RemoteFullError} no room for it. The file is back in the manifest as it was; a shorter one may fit.
 * @throws {DataFolderAwayError} it cannot be read, nor any other. The file is back in the manifest as it was.
 * @throws {ManifestFailedError}
 * @throws {signal.reason}
 */
export async function tryFile(entry: FileEntry, options: TryFileOptions, onArrived: () => void): Promise<FileFact> {
  const { clock, manifest, counters, suspicion, signal } = options
  const { id } = entry
  const words = fileWords(entry)
  const result = await attempt(entry, options)
  signal.throwIfAborted()
  const at = clock.now()
  const final = finalPath(options.names, entry)
  const folder = parentOf(final)
  if (!(result instanceof OperatingError)) {
    onArrived()
    // As of now, not of when the manifest has it: others may fail in between.
    suspicion.arrived(id, folder, entry.bytes)
    await manifest.delivered(id, at, options.target, options.syncsName)
    counters.uploaded++
    return { type: 'file.delivered', ...words, outcome: result.outcome }
  }
  const why = result.message
  counters.failed++
  if (result instanceof RemoteConflictError) {
    await manifest.conflict(id, why, at)
    counters.setAside++
    return { type: 'file.conflict', ...words, why }
  }
  if (result instanceof SealedFileChangedError) {
    await manifest.refuse(id, why, at)
    counters.setAside++
    return { type: 'file.failed', ...words, why, again: false }
  }
  if (result instanceof SftpUnknownOutcomeError) {
    // Due again as soon as there is a session; but a file with which sessions are lost again and again gives others a turn.
    const times = suspicion.unanswered(id, folder)
    const wait = times === 1 ? 0 : backoffDelay(options.retry, times - 1, options.random())
    const dueAt = epochMs(at + wait)
    const turn = times === 1 ? sameTurn(entry, at) : dueAt
    await manifest.retry(id, { dueAt: turn, ambiguous: true, blame: 'session', why, at })
    options.onReleased({ type: 'file.released', ...words, why, dueAt })
    throw result
  }
  // Neither is a matter of this file.
  if (result instanceof RemoteFullError || result instanceof DataFolderAwayError) {
    await manifest.retry(id, { dueAt: sameTurn(entry, at), ambiguous: false, blame: 'session', why, at })
    options.onReleased({ type: 'file.released', ...words, why, dueAt: at })
    throw result
  }
  // What is shown already is no dead letter: the server has only still to say that it keeps it.
  const isShown = options.shown.has(final)
  const atLeast = maySpeakOfRoom(result) ? entry.bytes : 0
  const blame = suspicion.failed(id, folder, atLeast) && !isShown ? 'file' : 'server'
  if (blame === 'file' && entry.faults + 1 >= options.deadLetterAfter) {
    const total = `${why}. It failed ${entry.faults + 1} times while others arrived`
    await manifest.deadLetter(id, total, at)
    counters.setAside++
    return { type: 'file.deadLetter', ...words, why: total }
  }
  const dueAt = epochMs(at + backoffDelay(options.retry, entry.attempts + 1, options.random()))
  await manifest.retry(id, { dueAt, ambiguous: isShown, blame, why, at })
  return { type: 'file.failed', ...words, why, again: true, dueAt }
}

/** Of a file that goes back as it was: it has its turn by when it became due, not behind all that wait by now. */
export const sameTurn = ({ dueAt }: FileEntry, at: EpochMs): EpochMs => epochMs(Math.min(dueAt, at))

/**
 * What the world did to the file is a value here; what is our own bug is thrown.
 *
 * @throws {ManifestFailedError}
 */
async function attempt(entry: FileEntry, options: TryFileOptions): Promise<Delivered | OperatingError> {
  const { names, sweep, random, shown } = options
  const name = attemptName(random())
  const temporary = temporaryPath(names, entry, name)
  // Not tried yet, or told to be sent again: then a name that is missing is one that was moved away for that.
  if (entry.attempts === 0) shown.delete(finalPath(names, entry))
  try {
    await sweep.sweep(parentOf(temporary))
    return await sweep.sparing(temporary, () => deliverFile(entry, { ...options, attempt: name }))
  } catch (error) {
    // The sweep asks the manifest: that it doesn't answer is held against no file.
    if (!(error instanceof OperatingError) || error instanceof ManifestFailedError) throw error
    const isOpening = error instanceof SftpStatusError && error.request === 'open' && error.status === 'failure'
    if (isOpening) options.onNotOpened()
    return error
  }
}

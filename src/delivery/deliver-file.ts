import {
  RemoteConflictError,
  SftpStatusError,
  SftpUnknownOutcomeError,
  VerificationError,
} from '../domain/delivery-errors.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { Disk } from '../ports/disk.ts'
import type { SftpAttributes, SftpHandle, SftpSession } from '../ports/sftp-session.ts'
import type { Buffers } from './buffers.ts'
import { EarlySync } from './early-sync.ts'
import { ignoreRefusal } from './ignore-refusal.ts'
import { type Chunk, readSealed } from './read-sealed.ts'
import { remoteDigest } from './remote-digest.ts'
import type { RemoteFolders } from './remote-folders.ts'
import { finalPath, parentOf, type RemoteNames, temporaryPath } from './remote-names.ts'
import type { RemoteRoom } from './remote-room.ts'
import { syncName } from './sync-name.ts'
import { sizeDifference } from './size-difference.ts'

/** The server shows the file under its final name, whole. `adopted`: it did so before this try. */
export interface Delivered {
  readonly outcome: 'delivered' | 'adopted'
  readonly bytes: number
}

/** What is confirmed before the rename: the size alone, or the content, read back from the server. */
export type Verify = 'size' | 'readback'

export interface DeliverFileOptions {
  readonly session: SftpSession
  readonly disk: Disk
  readonly folders: RemoteFolders
  readonly room: RemoteRoom
  readonly names: RemoteNames
  readonly verify: Verify
  /** Whether the server is to have the name on its disk as well: our copy is to be deleted some time. */
  readonly syncsName: boolean
  /** Final names that this session has shown, and that the server refused to sync: the next try has only that to do. */
  readonly shown: Set<string>
  /** Of the session: each holds what one write takes. */
  readonly buffers: Buffers
  /** Names this try among all tries of this file. */
  readonly attempt: string
}

/** Names that are remembered as shown; of more, one that is taken before its next try is sent again. */
const shownBound = 10_000

/** Requests that are refused where somebody has removed the folder. */
const needFolder: ReadonlySet<string> = new Set(['mkdir', 'open', 'rename'])

/** Memory per file in hand: this many writes, of one buffer each, and what `readSealed` has read and is reading. */
const writesInFlight = 8

/**
 * Makes `file` visible under its final name, whole or not at all: written under a temporary name, synced, its size
 * confirmed (and its content, where `verify` says so), then renamed by a rename that never replaces. Calling it again for a file that is already there, with the same
 * content, adopts it. With `syncsName` it is synced by that name as well.
 *
 * @throws {SealedFileChangedError} the local file is not what was sealed; nothing is visible.
 * @throws {RemoteConflictError} another file has the final name; ours was not sent over it.
 * @throws {RemoteFullError} the server has no room for it; the temporary file has been removed.
 * @throws {VerificationError} the server didn't store what it was sent; the temporary file has been removed.
 * @throws {SftpStatusError} the server refused a request; the temporary file has been removed, if it could be. With its name in
 *   `shown`: it is visible, and only its sync was refused.
 * @throws {SftpUnknownOutcomeError} no answer: the file may be there under its final name, whole, or not at all.
 * @throws {DataFolderAwayError} our own disk is away.
 * @throws {DiskError}
 */
export async function deliverFile(file: SealedFile, options: DeliverFileOptions): Promise<Delivered> {
  const { session, names, syncsName, shown } = options
  const final = finalPath(names, file)
  // It was shown, whole, and in this session: where the name is missing now, its consumer has taken the file.
  const isLeft = shown.has(final) ? await isThere(session, final, file) : undefined
  const delivered =
    isLeft === undefined
      ? await makeVisible(file, options)
      : ({ outcome: isLeft ? 'adopted' : 'delivered', bytes: file.bytes } as const)
  if (syncsName && isLeft !== false) {
    if (shown.size < shownBound) shown.add(final)
    await syncName(session, final)
  }
  shown.delete(final)
  return delivered
}

async function makeVisible(file: SealedFile, options: DeliverFileOptions): Promise<Delivered> {
  const { session, folders, room, names, attempt } = options
  const final = finalPath(names, file)
  const temporary = temporaryPath(names, file, attempt)
  const adopted: Delivered = { outcome: 'adopted', bytes: file.bytes }
  try {
    await Promise.all([folders.make(parentOf(final)), folders.make(parentOf(temporary))])
    // First and always, not only after a try without an answer: nothing is ever sent over what is there.
    const { handle, found } = await openBeside(session, temporary, final)
    if (handle === undefined) {
      await session.unlink(temporary).catch(ignoreRefusal)
      await expectOurs(session, final, found, file)
      return adopted
    }
    await upload(file, temporary, handle, options)
    await reveal(session, temporary, final, file)
    return { outcome: 'delivered', bytes: file.bytes }
  } catch (error) {
    // Without an answer there is nobody to clean up with; the sweep of the next session does it.
    if (error instanceof SftpUnknownOutcomeError) throw error
    const full = await room.wantedFor(error, file)
    await session.unlink(temporary).catch(ignoreRefusal)
    // A rename that is refused usually means that the name was taken in between.
    const wasRename = error instanceof SftpStatusError && error.request === 'rename'
    if (wasRename && (await isThere(session, final, file))) return adopted
    // Its folder may be gone, whatever the server calls that.
    if (error instanceof SftpStatusError && needFolder.has(error.request)) folders.forget()
    throw full ?? error
  }
}

/** The temporary file, open for writing; or else what has the final name already. */
type Beginning = { handle: SftpHandle; found?: undefined } | { handle?: undefined; found: SftpAttributes }

/**
 * Opens the temporary file and looks at the final name, back to back: the look costs no round trip of its own. What it
 * finds goes before whatever became of the opening.
 */
async function openBeside(session: SftpSession, temporary: string, final: string): Promise<Beginning> {
  const [looked, opened] = await Promise.allSettled([session.stat(final), session.open(temporary, 'wx')])
  const found = looked.status === 'fulfilled' ? looked.value : undefined
  if (opened.status === 'fulfilled') {
    if (looked.status === 'fulfilled' && found === undefined) return { handle: opened.value }
    await session.close(opened.value).catch(ignoreRefusal)
  }
  if (found !== undefined) return { found }
  throw looked.status === 'rejected' ? looked.reason : (opened as PromiseRejectedResult).reason
}

/** Whether the final name shows this very file. @throws {RemoteConflictError} it shows another one. */
async function isThere(session: SftpSession, final: string, file: SealedFile): Promise<boolean> {
  const found = await session.stat(final)
  if (!found) return false
  await expectOurs(session, final, found, file)
  return true
}

/** What was found under the final name is this very file. @throws {RemoteConflictError} */
async function expectOurs(session: SftpSession, final: string, found: SftpAttributes, file: SealedFile): Promise<void> {
  const other = sizeDifference(found, file)
  if (other !== undefined) throw new RemoteConflictError(final, `it is ${other}, ours is ${file.bytes} bytes`)
  const digest = await remoteDigest(session, final, file.bytes)
  if (digest === file.sha256) return
  throw new RemoteConflictError(final, `its SHA-256 is ${digest ?? 'that of a shorter file'}, ours is ${file.sha256}`)
}

/** Gives the temporary file its final name, and doesn't take the server's word for it. */
async function reveal(session: SftpSession, temporary: string, final: string, file: SealedFile): Promise<void> {
  // Back to back: most servers carry requests out in order, and the look costs no round trip of its own.
  const [, first] = await Promise.all([session.rename(temporary, final), session.stat(final).catch(ignoreRefusal)])
  const shown = first ?? (await session.stat(final))
  if (shown !== undefined) {
    const other = sizeDifference(shown, file)
    if (other === undefined) return
    throw new RemoteConflictError(final, `after our rename it is ${other}, ours is ${file.bytes} bytes`)
  }
  // A quick consumer has taken it already, unless the temporary name is still there: then nothing was renamed.
  if ((await session.stat(temporary)) !== undefined) {
    throw new VerificationError(final, 'the server said that it renamed the file, and did not')
  }
}

/** Afterwards the temporary file is closed, on the server's disk as far as it says, and verified. */
async function upload(
  file: SealedFile,
  temporary: string,
  handle: SftpHandle,
  { session, disk, verify, buffers }: DeliverFileOptions,
): Promise<void> {
  const early = new EarlySync(session, temporary)
  const closed = (): Promise<unknown> => Promise.all([session.close(handle), early.end()])
  try {
    await writeAll(session, handle, readSealed(disk, file, buffers), buffers, early)
  } catch (error) {
    if (!(error instanceof SftpUnknownOutcomeError)) await closed().catch(ignoreRefusal)
    throw error
  }
  // Back to back: the server carries them out in order, and together they cost one round trip.
  const [, told] = await Promise.all([session.fsync(handle), session.fstat(handle).catch(ignoreRefusal), closed()])
  // Some servers don't say how long an open file is, or say it of what they have stored of it so far.
  const size = told?.size === file.bytes ? told.size : ((await session.stat(temporary))?.size ?? 0)
  if (size !== file.bytes) throw new VerificationError(temporary, `the server holds ${size} of ${file.bytes} bytes`)
  if (verify === 'size') return
  const digest = await remoteDigest(session, temporary, file.bytes)
  if (digest !== file.sha256) {
    const found = digest === undefined ? 'a shorter file' : `one with SHA-256 ${digest}, ours is ${file.sha256}`
    throw new VerificationError(temporary, `the server reads back ${found}`)
  }
}

/** Up to eight writes in flight, which may be answered in any order. The first failure waits for the others to settle. */
async function writeAll(
  session: SftpSession,
  handle: SftpHandle,
  chunks: AsyncIterable<Chunk>,
  buffers: Buffers,
  early: EarlySync,
): Promise<void> {
  const inFlight = new Set<Promise<void>>()
  const failures: unknown[] = []
  const send = async ({ bytes, position }: Chunk): Promise<void> => {
    try {
      await session.write(handle, bytes, position)
      // Without an answer it may still be on its way.
      buffers.giveBack(bytes)
      early.wrote(bytes.length)
    } catch (error) {
      failures.push(error)
    }
  }
  try {
    for await (const chunk of chunks) {
      const written: Promise<void> = send(chunk).finally(() => inFlight.delete(written))
      inFlight.add(written)
      if (inFlight.size >= writesInFlight) await Promise.race(inFlight)
      if (failures.length > 0) break
    }
  } finally {
    await Promise.all(inFlight)
  }
  if (failures.length > 0) throw failures[0]
}

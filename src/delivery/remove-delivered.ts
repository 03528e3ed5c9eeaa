import { SftpStatusError } from '../domain/delivery-errors.ts'
import { DiskError } from '../domain/disk-error.ts'
import { parsePackedName } from '../domain/file-name.ts'
import { type FileWords, fileWords } from '../domain/sealed-file.ts'
import { epochMs, type Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { FileEntry, Manifest } from '../ports/manifest.ts'
import type { SftpSession } from '../ports/sftp-session.ts'
import type { Verify } from './deliver-file.ts'
import { remoteDigest } from './remote-digest.ts'
import { baseName, finalPath, parentOf, type RemoteNames } from './remote-names.ts'

/** What became of local copies that had been kept long enough. */
export type RemovalFact =
  | ({ readonly type: 'file.removed'; readonly why: string } & FileWords)
  /** The server has another file under its name by now; ours is kept. */
  | ({ readonly type: 'file.conflict'; readonly why: string } & FileWords)
  /** Tried again later. */
  | { readonly type: 'removal.failed'; readonly path: string; readonly why: string }

export interface RemoveDeliveredOptions {
  readonly session: SftpSession
  readonly disk: Disk
  readonly manifest: Manifest
  readonly names: RemoteNames
  readonly verify: Verify
  readonly clock: Clock
  /** From the delivery on. */
  readonly keepFor: Milliseconds
  readonly signal: AbortSignal
}

/** Files that are looked at together: one sync of a folder, one commit for all of them. */
const batch = 100

/**
 * Deletes local files that have been delivered for `keepFor`, after a second look at the server: the file is still there and
 * equal, or it is gone, because its consumer took it. With an archive go the files whose content it holds.
 *
 * The manifest is told when the deletion is durable. A crash in between leaves a delivered file without its local copy, for
 * which the same is done once more.
 *
 * @throws {SftpUnknownOutcomeError} @throws {ManifestFailedError} @throws {signal.reason}
 */
export async function removeDelivered(
  options: RemoveDeliveredOptions,
  tell: (fact: RemovalFact) => void,
): Promise<void> {
  const { manifest, clock, keepFor, signal } = options
  for (let goOn = true; goOn;) {
    const files = await manifest.deliveredBefore(epochMs(clock.now() - keepFor), batch)
    const looks = await Promise.all(files.map((file) => secondLook(file, options)))
    signal.throwIfAborted()
    const unclear = looks.find(({ found }) => found === 'unclear')
    if (unclear !== undefined) tell({ type: 'removal.failed', path: unclear.file.path, why: unclear.why })
    for (const { file, why } of looks.filter(({ found }) => found === 'another')) {
      await manifest.conflict(file.id, why, clock.now())
      tell({ type: 'file.conflict', ...fileWords(file), why })
    }
    const ours = await Promise.all(
      looks.filter(({ found }) => found === 'ours').map((look) => withMembers(look, manifest)),
    )
    const failed = await remove(
      ours.flatMap(({ file, members }) => [...members, file.path]),
      options.disk,
    )
    signal.throwIfAborted()
    if (failed !== undefined) return tell({ type: 'removal.failed', path: failed.path, why: failed.message })
    await Promise.all(ours.map(({ file, why }) => manifest.removed(file.id, why, clock.now())))
    for (const { file, why } of ours) tell({ type: 'file.removed', ...fileWords(file), why })
    // What is unclear stays where it is, and would only be found again.
    goOn = files.length === batch && unclear === undefined
  }
}

interface Look {
  readonly file: FileEntry
  /** `ours`: there and equal, or gone. */
  readonly found: 'ours' | 'another' | 'unclear'
  readonly why: string
}

async function secondLook(file: FileEntry, { session, names, verify }: RemoveDeliveredOptions): Promise<Look> {
  const path = finalPath(names, file)
  try {
    const there = await session.stat(path)
    if (there === undefined) return { file, found: 'ours', why: 'gone from the server: its consumer took it' }
    if (there.isFolder || there.size !== file.bytes) {
      const is = there.isFolder ? 'a folder' : `${there.size} bytes long`
      return { file, found: 'another', why: `${path} had been delivered and is ${is} now, ours is ${file.bytes} bytes` }
    }
    if (verify === 'readback' && (await remoteDigest(session, path, file.bytes)) !== file.sha256) {
      return { file, found: 'another', why: `${path} had been delivered and has another content now` }
    }
    return { file, found: 'ours', why: 'still on the server' }
  } catch (error) {
    if (!(error instanceof SftpStatusError)) throw error
    return { file, found: 'unclear', why: error.message }
  }
}

/** The files in an archive stand and fall with it: they stay as long as it does, and have no other way to the server. */
async function withMembers(look: Look, manifest: Manifest): Promise<Look & { readonly members: readonly string[] }> {
  const { file, why } = look
  if (parsePackedName(baseName(file.path)) === undefined) return { ...look, members: [] }
  const members = await manifest.members(file.id)
  return { ...look, members, why: `${why}; deleted with the ${members.length} files in it` }
}

/** Durably. The first failure, with nothing known of the others. */
async function remove(paths: readonly string[], disk: Disk): Promise<DiskError | undefined> {
  try {
    for (const path of paths) await unlessGone(disk.unlink(path))
    for (const folder of new Set(paths.map(parentOf))) await unlessGone(disk.syncFolder(folder))
    return undefined
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    return error
  }
}

/** An earlier round was cut off between the deletion and its record, or somebody else tidied up. */
async function unlessGone(call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof DiskError) || error.systemCode !== 'ENOENT') throw error
  }
}

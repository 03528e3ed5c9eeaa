import { counted } from '../domain/counted.ts'
import { SftpStatusError } from '../domain/delivery-errors.ts'
import { parsePackedName } from '../domain/file-name.ts'
import { IllegalFileStateError } from '../domain/illegal-file-state-error.ts'
import { type FileWords, fileWords } from '../domain/sealed-file.ts'
import { epochMs, type Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { FileEntry, Manifest, Place } from '../ports/manifest.ts'
import type { SftpSession } from '../ports/sftp-session.ts'
import type { Verify } from './deliver-file.ts'
import { isOfDisk, LocalCopies } from './local-copies.ts'
import { remoteDigest } from './remote-digest.ts'
import { baseName, finalPath, type RemoteNames } from './remote-names.ts'
import { sizeDifference } from './size-difference.ts'

/** What became of local copies that had been kept long enough. */
export type RemovalFact =
  | ({ readonly type: 'file.removed'; readonly why: string } & FileWords)
  /** The server has another file under its name by now; ours is kept. */
  | ({ readonly type: 'file.conflict'; readonly why: string } & FileWords)
  /**
   * The first of those that the server said nothing of, or that the disk did not delete; all are tried again later. Or how many are
   * kept since they were delivered to another place; or, once, that one is missing which the server may have forgotten.
   */
  | { readonly type: 'removal.failed'; readonly path: string; readonly why: string }

/** What one round leaves to the next, over all of the uploader's lives. */
export class RemovalMemory {
  readonly copies = new LocalCopies()
  /** Where the last round ended, if not at the end: what the server says nothing of must not keep it from all that comes after. */
  after: Place | undefined
  /** It has been told how many files are kept since they were delivered to another place. */
  toldOfOthers = false
  /** It has been told that a file is kept which the server may have forgotten. */
  toldOfForgotten = false
}

export interface RemoveDeliveredOptions {
  readonly session: SftpSession
  readonly disk: Disk
  readonly manifest: Manifest
  readonly names: RemoteNames
  /** Only what was delivered there is looked for there: elsewhere it would be missing, as if it were taken. */
  readonly target: string
  readonly verify: Verify
  readonly clock: Clock
  /** From the delivery on. */
  readonly keepFor: Milliseconds
  readonly removals: RemovalMemory
  readonly signal: AbortSignal
}

/** Files that are looked at together: one commit and one sync of a folder for all of them. After so many that are unclear a round ends. */
const batch = 100

/**
 * Deletes local files that have been delivered for `keepFor`, after a second look at the server: the file is still there and
 * equal, or it is gone, because its consumer took it. One that is gone and whose name was not synced may as well have been
 * forgotten by the server, and is kept. With an archive go the files whose content it holds.
 *
 * The manifest is told first: from then on nobody sends the file again, and whoever has it sent just before keeps it here. A
 * crash in between leaves a copy that nobody needs, which `belay verify` tells; never a file that is to be sent and gone.
 *
 * @throws {SftpUnknownOutcomeError} @throws {ManifestFailedError} @throws {signal.reason}
 */
export async function removeDelivered(
  options: RemoveDeliveredOptions,
  tell: (fact: RemovalFact) => void,
): Promise<void> {
  const { manifest, clock, disk, target, keepFor, removals, signal } = options
  if (!removals.toldOfOthers) {
    const others = await manifest.deliveredElsewhere(target)
    removals.toldOfOthers = true
    if (others > 0) tell(ofAnotherPlace(others, options))
  }
  const undeleted = await removals.copies.deleteLeft(disk)
  const unclear: Look[] = []
  let kept = 0
  while (!undeleted.some(isOfDisk) && kept < batch) {
    const files = await manifest.deliveredBefore(epochMs(clock.now() - keepFor), batch, removals.after, target)
    const looks = await Promise.all(files.map((file) => secondLook(file, options)))
    signal.throwIfAborted()
    const found = (what: Look['found']) => looks.filter((look) => look.found === what)
    unclear.push(...found('unclear'))
    const forgotten = found('forgotten')
    kept += found('unclear').length + forgotten.length
    if (forgotten[0] !== undefined && !removals.toldOfForgotten) {
      removals.toldOfForgotten = true
      tell(failed(forgotten[0].file.path, forgotten[0].why, 0))
    }
    for (const { file, why } of found('another')) {
      if (!(await isStillDelivered(manifest.conflict(file.id, why, clock.now())))) continue
      tell({ type: 'file.conflict', ...fileWords(file), why })
    }
    const ours = await Promise.all(found('ours').map((look) => withMembers(look, manifest)))
    signal.throwIfAborted()
    const { recorded, failure } = await record(ours, options)
    for (const { file, why } of recorded) tell({ type: 'file.removed', ...fileWords(file), why })
    // Whatever has become of us meanwhile: they are nobody else's any more.
    const paths = recorded.flatMap(({ file, members }) => [...members, file.path])
    undeleted.push(...(await removals.copies.delete(paths, disk)))
    if (failure !== undefined) throw failure.error
    signal.throwIfAborted()
    const last = files.at(-1)
    removals.after = files.length < batch ? undefined : last
    if (removals.after === undefined) break
  }
  const [doubt] = unclear
  if (doubt !== undefined) tell(failed(doubt.file.path, doubt.why, unclear.length - 1))
  const [refusal] = undeleted
  if (refusal !== undefined) tell(failed(refusal.path, refusal.message, undeleted.length - 1))
}

const ofAnotherPlace = (count: number, { names, target }: RemoveDeliveredOptions): RemovalFact => ({
  ...{ type: 'removal.failed', path: names.folder },
  why: `${counted(count, 'file')} here had been delivered to another place than ${target}, where nobody looks again: kept`,
})

const failed = (path: string, why: string, others: number): RemovalFact => ({
  ...{ type: 'removal.failed', path },
  why: others === 0 ? why : `${why}, and so with ${others} others`,
})

interface Look {
  readonly file: FileEntry
  /** `ours`: there and equal, or taken. `forgotten`: gone, and perhaps not taken. */
  readonly found: 'ours' | 'another' | 'unclear' | 'forgotten'
  readonly why: string
}

const perhapsForgotten =
  'gone from the server, which was not asked to keep its name, and so may have forgotten it: kept, as is every such file'

async function secondLook(file: FileEntry, { session, names, verify }: RemoveDeliveredOptions): Promise<Look> {
  const path = finalPath(names, file)
  try {
    const there = await session.stat(path)
    if (there === undefined) {
      if (!file.isNameSynced) return { file, found: 'forgotten', why: perhapsForgotten }
      return { file, found: 'ours', why: 'gone from the server: its consumer took it' }
    }
    const other = sizeDifference(there, file)
    if (other !== undefined) {
      const why = `${path} had been delivered and is ${other} now, ours is ${file.bytes} bytes`
      return { file, found: 'another', why }
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
  const members = (await manifest.members(file.id)).map(({ path }) => path)
  return { ...look, members, why: `${why}; deleted with ${counted(members.length, 'file')} in it` }
}

interface Recorded {
  /** Those that the manifest has as removed now; durably. */
  readonly recorded: readonly (Look & { readonly members: readonly string[] })[]
  /** The manifest may have taken a part of them before it failed. */
  readonly failure: { readonly error: unknown } | undefined
}

async function record(looks: Recorded['recorded'], { manifest, clock }: RemoveDeliveredOptions): Promise<Recorded> {
  const at = clock.now()
  const results = await Promise.allSettled(
    looks.map(({ file, why }) => isStillDelivered(manifest.removed(file.id, why, at))),
  )
  const failure = results.find((result) => result.status === 'rejected')
  return {
    recorded: looks.filter((_, index) => {
      const result = results[index]
      return result?.status === 'fulfilled' && result.value
    }),
    failure: failure && { error: failure.reason as unknown },
  }
}

/** Somebody may have had the file sent again since it was looked at. The change was not made then. */
async function isStillDelivered(change: Promise<void>): Promise<boolean> {
  try {
    await change
    return true
  } catch (error) {
    if (!(error instanceof IllegalFileStateError)) throw error
    return false
  }
}

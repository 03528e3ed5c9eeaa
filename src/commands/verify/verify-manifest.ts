import type { SftpConfig } from '../../config/config.ts'
import { baseName } from '../../delivery/remote-names.ts'
import { counted } from '../../domain/counted.ts'
import { parsePackedName } from '../../domain/file-name.ts'
import { type FileState, fileStates, legalChanges, perState } from '../../domain/file-state.ts'
import { manifestFile } from '../../domain/manifest-files.ts'
import type { Disk } from '../../ports/disk.ts'
import type { FileEntry, FileEvent, ManifestRecords } from '../../ports/manifest.ts'
import { everyFile } from '../../storage/look-up-files.ts'
import { canBeMadeAgain } from './make-again.ts'
import { type Look, lookAtFile } from './look-at-file.ts'
import type { Finding } from './verify-finding.ts'

export interface FolderToVerify {
  readonly disk: Disk
  /** Where files are kept for ever, none is deleted, whatever was recorded before. */
  readonly keepFor: SftpConfig['keepFor']
}

/** The manifest against the data folder, file by file, and then against itself. */
export async function* verifyManifest(
  manifest: ManifestRecords,
  folder: FolderToVerify,
): AsyncGenerator<Finding, void> {
  const counted = perState(() => 0)
  for await (const file of everyFile(manifest)) {
    counted[file.state]++
    const { path } = file
    const illegal = illegalHistory(file.state, await manifest.history(file.id))
    if (illegal !== undefined) yield { path, what: `its history is illegal: ${illegal}`, grade: 'fault' }
    const isArchive = parsePackedName(baseName(path)) !== undefined
    const members = isArchive ? await manifest.members(file.id) : []
    const found = (await canBeMadeAgain(file, members, folder.disk)) ? madeAgain(file) : await compare(file, folder)
    if (found !== undefined) yield { path, ...found }
    if (isArchive) yield* compareMembers(file, members, folder)
  }
  const totals = await manifest.counts()
  for (const state of fileStates) {
    if (totals[state] === counted[state]) continue
    const what = `says ${totals[state]} files are ${state}, and ${counted[state]} are`
    yield { path: manifestFile, what, grade: 'fault' }
  }
}

function illegalHistory(state: FileState, events: readonly FileEvent[]): string | undefined {
  let at: FileState | undefined
  for (const { from, to } of events) {
    if (from !== at) return `${from ?? 'nothing'} → ${to}, when it was ${at ?? 'unknown'}`
    if (!legalChanges[from ?? 'new'].includes(to)) return `${from ?? 'nothing'} → ${to}`
    at = to
  }
  return at === state ? undefined : `it ends with ${at ?? 'nothing'}, and the file is ${state}`
}

async function compare(file: FileEntry, folder: FolderToVerify): Promise<Omit<Finding, 'path'> | undefined> {
  const { state } = file
  // It is looked at with its archive.
  if (state === 'packed') return undefined
  const local = await lookAtFile(file, folder.disk)
  // It is known to be gone or changed.
  if (state === 'refused' || state === 'lost') {
    const what = `is ${state}, and here as it was sealed; belay retry sends it`
    return local.kind === 'same' ? { what, grade: 'note' } : undefined
  }
  if (state === 'removed') return left(local, 'was delivered and deleted, and is still here', folder)
  if (local.kind === 'same') return undefined
  if (local.kind !== 'gone') return { what: `is ${state}, and ${local.words}`, grade: 'fault' }
  if (state !== 'delivered') return { what: `is ${state}, and gone here`, grade: 'fault' }
  // With `keepFor` the uploader records it, once it has looked at the server: to record it means that a copy may be deleted.
  return { what: 'was delivered, and is gone here', grade: 'note' }
}

const madeAgain = ({ state }: FileEntry): Omit<Finding, 'path'> => ({
  what: `is ${state}, and not here as it was sealed; what went into it is, and makes it again`,
  grade: 'mendable',
})

/** What goes with an archive; until then it is here, and nothing but what was packed. */
async function* compareMembers(
  archive: FileEntry,
  members: readonly FileEntry[],
  folder: FolderToVerify,
): AsyncGenerator<Finding, void> {
  const rows = members.reduce((sum, member) => sum + member.rows, 0)
  if (rows !== archive.rows) {
    const what = `has ${counted(archive.rows, 'row')}, and the files in it have ${rows}`
    yield { path: archive.path, what, grade: 'fault' }
  }
  for (const member of members) {
    const { path } = member
    const local = await lookAtFile(member, folder.disk)
    if (archive.state === 'removed') {
      const found = left(local, 'was delivered in an archive that is deleted, and is still here', folder)
      if (found !== undefined) yield { path, ...found }
    } else if (local.kind !== 'same') {
      yield { path, what: `is in an archive, and ${local.kind === 'gone' ? 'gone here' : local.words}`, grade: 'note' }
    }
  }
}

/** A copy of what was deleted. Only what is the very same is deleted again, and nothing where files are kept for ever. */
function left(local: Look, what: string, { keepFor }: FolderToVerify): Omit<Finding, 'path'> | undefined {
  if (local.kind === 'gone') return undefined
  if (local.kind !== 'same') return { what: `${what}, with another content`, grade: 'note' }
  return { what, grade: keepFor === 'forever' ? 'note' : 'mendable' }
}

import { SealedFileChangedError } from '../../domain/delivery-errors.ts'
import { DiskError } from '../../domain/disk-error.ts'
import { parsePackedName } from '../../domain/file-name.ts'
import type { OperatingError } from '../../domain/errors.ts'
import { arrived, fileStates } from '../../domain/file-state.ts'
import { baseName } from '../../delivery/remote-names.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Gzip } from '../../ports/gzip.ts'
import type { FileEntry, ManifestRecords } from '../../ports/manifest.ts'
import { packAgain } from '../../storage/pack-files.ts'
import { everyFile } from '../../storage/look-up-files.ts'
import { lookAtFile } from './look-at-file.ts'

/** What the server does not have. */
const undelivered = fileStates.filter((state) => !arrived.some((each) => each === state))

/** Whether an archive that is not delivered is gone or changed here, and all that went into it is as it was sealed. */
export async function canBeMadeAgain(file: FileEntry, members: readonly FileEntry[], disk: Disk): Promise<boolean> {
  if (members.length === 0 || !undelivered.includes(file.state)) return false
  const { kind } = await lookAtFile(file, disk)
  if (kind === 'same' || kind === 'unread') return false
  return (await intact(members, disk)).length === members.length
}

/** Those that are here as they were sealed. */
export async function intact(members: readonly FileEntry[], disk: Disk): Promise<FileEntry[]> {
  const found: FileEntry[] = []
  for (const member of members) if ((await lookAtFile(member, disk)).kind === 'same') found.push(member)
  return found
}

export interface ArchiveFolder {
  readonly manifest: ManifestRecords
  readonly disk: Disk
  readonly gzip: Gzip
  readonly clock: Clock
}

/** Makes those of `paths` again that are archives, and has them sent that nobody would send. Resolves with what could not be. */
export async function makeAgain(
  paths: ReadonlySet<string>,
  { manifest, disk, gzip, clock }: ArchiveFolder,
): Promise<OperatingError[]> {
  const failures: OperatingError[] = []
  for await (const file of everyFile(manifest, { states: undelivered })) {
    if (!paths.has(file.path) || parsePackedName(baseName(file.path)) === undefined) continue
    try {
      await packAgain({ disk, gzip }, file, await manifest.members(file.id))
      if (file.state === 'refused' || file.state === 'lost')
        await manifest.resend(file.id, 'made again by belay verify --repair of what went into it', clock.now())
    } catch (error) {
      if (!(error instanceof DiskError) && !(error instanceof SealedFileChangedError)) throw error
      failures.push(error)
    }
  }
  return failures
}

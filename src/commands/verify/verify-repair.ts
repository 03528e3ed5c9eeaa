import { parsePackedName } from '../../domain/file-name.ts'
import { priorityIn } from '../../domain/priority.ts'
import { LocalCopies } from '../../delivery/local-copies.ts'
import { baseName } from '../../delivery/remote-names.ts'
import type { Gzip } from '../../ports/gzip.ts'
import { RowQueue } from '../../storage/row-queue.ts'
import { scanDataFolder, type ScanOptions } from '../../storage/start-scan.ts'
import { everyFile } from '../../storage/look-up-files.ts'
import { makeAgain } from './make-again.ts'
import type { Finding } from './verify-finding.ts'

export interface FolderToRepair extends Pick<ScanOptions, 'disk' | 'manifest' | 'clock' | 'pack' | 'signal'> {
  readonly gzip: Gzip
  readonly cameras: Parameters<typeof priorityIn>[0]
}

/**
 * Mends what a daemon's own start or uploader would: seals what was left open, takes in sealed files that the manifest
 * doesn't know, and with `keepFor` deletes the copies that the uploader had recorded as deleted, after its second look at the
 * server. An archive that is gone or changed is made again of what went into it, and is due again where it was given up on.
 * No other copy is deleted, and nothing is sent. Resolves with what kept copies from being deleted, and archives from being
 * made; they stay as they are.
 *
 * @throws {DiskError} the data folder as a whole could not be worked on. @throws {ManifestFailedError} @throws {signal.reason}
 */
export async function repair(
  mendable: readonly Finding[],
  { manifest, disk, gzip, clock, pack, cameras, signal }: FolderToRepair,
): Promise<{ readonly message: string }[]> {
  const paths = new Set(mendable.map(({ path }) => path))
  const copies: string[] = []
  for await (const file of everyFile(manifest, { states: ['removed'] })) {
    // With an archive go the files that are in it.
    const isArchive = parsePackedName(baseName(file.path)) !== undefined
    const members = isArchive ? await manifest.members(file.id) : []
    for (const { path } of [file, ...members]) if (paths.has(path)) copies.push(path)
  }
  const failures = [
    ...(await new LocalCopies().delete(copies, disk)),
    ...(await makeAgain(paths, { manifest, disk, gzip, clock })),
  ]
  const { unread } = await scanDataFolder({
    ...{ disk, manifest, clock, pack, signal },
    queue: new RowQueue(),
    priorityOf: (id) => priorityIn(cameras, id),
  })
  return [...failures, ...unread.map(({ path, why }) => ({ message: `${path} is left for now: ${why}` }))]
}

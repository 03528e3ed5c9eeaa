import { parsePackedName } from '../../domain/file-name.ts'
import { priorityIn } from '../../domain/priority.ts'
import type { Config } from '../../config/config.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Disk } from '../../ports/disk.ts'
import type { Manifest } from '../../ports/manifest.ts'
import { baseName, parentOf } from '../../delivery/remote-names.ts'
import { isMissing } from '../../storage/disk-faults.ts'
import { RowQueue } from '../../storage/row-queue.ts'
import { packPlanOf } from '../../storage/pack-plan.ts'
import { scanDataFolder } from '../../storage/start-scan.ts'
import { everyFile } from '../manifest/every-file.ts'
import type { Finding } from './verify-finding.ts'

/**
 * Mends what a daemon's own start or uploader would: seals what was left open, takes in sealed files that the manifest
 * doesn't know, and with `keepFor` deletes the copies that the uploader had recorded as deleted, after its second look at the
 * server. No other is deleted, and nothing is sent.
 */
export async function repair(
  mendable: readonly Finding[],
  { manifest, disk, clock, config }: { manifest: Manifest; disk: Disk; clock: Clock; config: Config },
): Promise<void> {
  const paths = new Set(mendable.map(({ path }) => path))
  for await (const file of everyFile(manifest, { states: ['removed'] })) {
    // With an archive go the files that are in it.
    const isArchive = parsePackedName(baseName(file.path)) !== undefined
    const members = isArchive ? await manifest.members(file.id) : []
    for (const { path } of [file, ...members]) if (paths.has(path)) await remove(disk, path)
  }
  await scanDataFolder({
    disk,
    manifest,
    clock,
    queue: new RowQueue(),
    priorityOf: (id) => priorityIn(config.cameras, id),
    pack: packPlanOf(config.csv.pack),
    signal: new AbortController().signal,
  })
}

async function remove(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path)
    await disk.syncFolder(parentOf(path))
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

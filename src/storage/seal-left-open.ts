import { dirname } from 'node:path'
import { openFolder } from '../domain/data-folder.ts'
import type { CameraId } from '../domain/ids.ts'
import { isFoldersOwn } from './disk-faults.ts'
import { mendOpenFile, type Mended } from './mend-open-file.ts'
import { sealFile, type SealWorld } from './seal-file.ts'
import type { WriterLedger } from './writer-ledger.ts'

/**
 * Mends a file that was left open and seals it. Where only the file itself or its camera's folder stands in the way it is
 * `unread`: nothing of it is lost, and the whole may be called again.
 *
 * @throws {DiskError} of the disk as a whole.
 * @throws {ManifestFailedError}
 */
export async function sealLeftOpen(
  world: SealWorld,
  openName: string,
  ledger: WriterLedger,
  priorityOf: (cameraId: CameraId) => number,
): Promise<Mended> {
  const path = `${openFolder}/${openName}`
  const mended = await mendOpenFile(world.disk, openName, ledger.openFiles.get(path), priorityOf)
  if ('tornBytes' in mended) ledger.noteTorn(mended.tornBytes)
  if (mended.outcome === 'mended') {
    try {
      await sealFile(world, path, mended.file)
    } catch (error) {
      // Somebody may have taken the folder away: the next try makes it again.
      world.folders.delete(dirname(mended.file.path))
      if (!isFoldersOwn(error)) throw error
      return { outcome: 'unread', why: error.message }
    }
  }
  if (mended.outcome !== 'unread') ledger.forget(path)
  return mended
}

import { DiskError } from '../domain/disk-error.ts'
import type { Disk } from '../ports/disk.ts'

/** Not durable before its folder is synced. */
export async function unlinkIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path)
  } catch (error) {
    if (!(error instanceof DiskError) || error.systemCode !== 'ENOENT') throw error
  }
}

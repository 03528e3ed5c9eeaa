import type { Disk } from '../ports/disk.ts'
import { isMissing } from './disk-faults.ts'

/** Not durable before its folder is synced. */
export async function unlinkIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

import { DiskError } from '../domain/disk-error.ts'
import type { DiskFile } from '../ports/disk.ts'

/**
 * Writes all of `bytes` at `position`, in as many calls as it takes; `path` names the file in an error.
 *
 * @throws {DiskError} what was written before stays. A write that takes nothing and says nothing is a full disk's: `ENOSPC`.
 */
export async function writeWhole(file: DiskFile, bytes: Uint8Array, position: number, path: string): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const taken = await file.write(bytes.subarray(done), position + done)
    if (taken === 0) throw new DiskError('write', path, 'ENOSPC')
    done += taken
  }
}

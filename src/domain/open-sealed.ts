import { SealedFileChangedError } from './delivery-errors.ts'
import { DiskError } from './disk-error.ts'

/** Opens a file that was sealed. @throws {SealedFileChangedError} it is gone. @throws {DiskError} */
export async function openSealed<File>(
  disk: { readonly open: (path: string) => Promise<File> },
  path: string,
): Promise<File> {
  try {
    return await disk.open(path)
  } catch (error) {
    if (!(error instanceof DiskError) || error.systemCode !== 'ENOENT') throw error
    throw new SealedFileChangedError(path, 'it is gone', { cause: error })
  }
}

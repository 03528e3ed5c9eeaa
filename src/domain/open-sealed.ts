import { openFolder } from './data-folder.ts'
import { SealedFileChangedError } from './delivery-errors.ts'
import { DataFolderAwayError, DiskError } from './disk-error.ts'

interface Folder<File> {
  readonly open: (path: string) => Promise<File>
  readonly list: (path: string) => Promise<readonly { readonly name: string }[]>
}

/**
 * Opens a file that was sealed.
 *
 * @throws {SealedFileChangedError} it is gone.
 * @throws {DataFolderAwayError} so is the whole data folder.
 * @throws {DiskError}
 */
export async function openSealed<File>(folder: Folder<File>, path: string): Promise<File> {
  try {
    return await folder.open(path)
  } catch (error) {
    if (!(error instanceof DiskError) || error.systemCode !== 'ENOENT') throw error
    if (await isAway(folder)) throw new DataFolderAwayError(path, { cause: error })
    throw new SealedFileChangedError(path, 'it is gone', { cause: error })
  }
}

/** Whether the data folder itself is gone, or gives nothing out. */
async function isAway(folder: Folder<unknown>): Promise<boolean> {
  try {
    const entries = await folder.list('.')
    return entries.every(({ name }) => name !== openFolder)
  } catch (error) {
    if (error instanceof DiskError) return true
    throw error
  }
}

import { OperatingError } from '../../domain/errors.ts'
import { ManifestFailedError } from '../../domain/manifest-errors.ts'

/**
 * Opens the manifest `file`. What the system refuses, such as a folder that is not ours or a full disk, fails it in the system's own
 * words, where SQLite did not get to say any.
 *
 * @throws {ManifestFailedError}
 */
export async function orManifestFails<Opened>(file: string, open: () => Promise<Opened>): Promise<Opened> {
  try {
    return await open()
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (error instanceof OperatingError || code === undefined || syscall === undefined) throw error
    throw new ManifestFailedError(file, syscall, code, { cause: error })
  }
}

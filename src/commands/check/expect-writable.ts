import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { DiskError } from '../../domain/disk-error.ts'

/** Looks, touching nothing, whether this user may write each of `names` in `folder`, of those that are there. @throws {DiskError} */
export async function expectWritable(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      await access(join(folder, name), constants.W_OK)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      if (code !== 'ENOENT') throw new DiskError('access', name, code, { cause: error })
    }
  }
}

import { access } from 'node:fs/promises'

/** @throws what the system says where it cannot be told, as where a folder on the way is not ours to enter. */
export const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return false
      throw error
    },
  )

import { open } from 'node:fs/promises'

/** fsync of a file's contents, or of the names in a folder. */
export async function syncPath(path: string): Promise<void> {
  const opened = await open(path, 'r')
  try {
    await opened.sync()
  } finally {
    await opened.close()
  }
}

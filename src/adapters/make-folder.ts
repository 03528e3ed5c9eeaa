import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder, and those above it that are missing; one that is there is fine.
 *
 * By hand: Node's own `recursive` tries for ever where the folder above is there and still nothing can be made in it, as in /proc.
 *
 * Resolves with those that it made, the uppermost first. Their names are not synced.
 *
 * @throws what the system says.
 */
export async function makeFolder(path: string, mode?: number): Promise<string[]> {
  try {
    return await makeOne(path, mode)
  } catch (error) {
    const above = dirname(path)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error
    return [...(await makeFolder(above, mode)), ...(await makeOne(path, mode))]
  }
}

async function makeOne(path: string, mode: number | undefined): Promise<string[]> {
  try {
    await mkdir(path, { mode })
    return [path]
  } catch (error) {
    const found = await stat(path).catch(() => undefined)
    if (found?.isDirectory() !== true) throw error
    return []
  }
}

import { execFile } from 'node:child_process'
import { cp, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

/**
 * A copy of the project's files in this folder, with the packages that are installed here and nothing built: for tests of
 * commands that build, since those empty folders which the daemons of other tests are being started from.
 */
export async function copySourceTree(folder: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of stdout.split('\0').filter(Boolean)) await cp(join(root, file), join(folder, file))
  for (const packages of ['node_modules', 'inspector/node_modules'])
    await symlink(join(root, packages), join(folder, packages))
}

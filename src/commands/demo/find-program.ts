import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** The absolute path of a program by the PATH; `undefined` where there is none that we may run. */
export async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
  for (const folder of (path ?? '').split(delimiter).filter((each) => each !== '')) {
    const candidate = join(folder, name)
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return candidate
  }
  return undefined
}

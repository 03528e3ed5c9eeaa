import { readFile, stat } from 'node:fs/promises'
import { isDenied } from '../../domain/disk-advice.ts'
import type { OperatingError } from '../../domain/errors.ts'
import { ManifestFailedError, ManifestNotOursError } from '../../domain/manifest-errors.ts'

/** Who we are, and who owns what. */
export interface Users {
  readonly ours: number | undefined
  /** The owner of a folder; `undefined` where it cannot be told. */
  ownerOf(folder: string): Promise<number | undefined>
  nameOf(user: number): Promise<string | undefined>
}

export const systemUsers: Users = {
  ours: process.geteuid?.(),
  ownerOf: (folder) =>
    stat(folder).then(
      ({ uid }) => uid,
      () => undefined,
    ),
  async nameOf(user) {
    const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
    return lines.map((line) => line.split(':')).find(([, , uid]) => uid === String(user))?.[0]
  },
}

/** What a manifest in `folder` refuses to somebody who is not its owner is no fault of the folder: it says as whom to ask. */
export async function inAnothersFolder(error: OperatingError, folder: string, users: Users): Promise<OperatingError> {
  if (!(error instanceof ManifestFailedError) || !isDenied(error.sqliteCode)) return error
  const owner = await users.ownerOf(folder)
  if (owner === undefined || users.ours === 0 || users.ours === owner) return error
  // As sudo takes a user without a name.
  const name = (await users.nameOf(owner)) ?? `'#${owner}'`
  return new ManifestNotOursError(error.file, error.call, error.sqliteCode, name, { cause: error })
}

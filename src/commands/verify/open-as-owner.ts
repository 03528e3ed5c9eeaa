import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openManifestAtRest } from '../../adapters/manifest/open-beside.ts'
import { openSqliteManifest } from '../../adapters/manifest/open-manifest.ts'
import { orManifestFails } from '../../adapters/manifest/system-failure.ts'
import { ManifestMissingError } from '../../domain/manifest-errors.ts'
import { manifestFile } from '../../domain/manifest-files.ts'
import type { Manifest, ManifestRecords } from '../../ports/manifest.ts'
import { shutOutOthers } from '../run/shut-out-others.ts'

/**
 * Opens the manifest of a data folder that is there, to mend what is in it; root acts as its owner from now on. What is made there is
 * then the daemon's to write, and what the daemon cannot do fails here as well.
 *
 * @throws {ManifestMissingError} there is no such folder, and so nothing to repair. @throws what `openSqliteManifest` does.
 */
export async function openToRepair(folder: string): Promise<Manifest> {
  await becomeOwner(folder)
  return openSqliteManifest(folder)
}

/** The same for a look alone, which makes the folder's lock where there is none. @throws what `openManifestAtRest` does. */
export async function openToLook(folder: string): Promise<ManifestRecords> {
  await becomeOwner(folder)
  return openManifestAtRest(folder)
}

async function becomeOwner(folder: string): Promise<void> {
  const file = join(folder, manifestFile)
  const owner = await orManifestFails(file, () => stat(folder).catch(orMissing(file)))
  if (process.geteuid?.() === 0) actAs(owner)
  shutOutOthers()
}

const orMissing = (file: string) => (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') throw new ManifestMissingError(file, { cause: error })
  throw error
}

/** The user last: afterwards the groups are not ours to change. */
function actAs({ uid, gid }: { readonly uid: number; readonly gid: number }): void {
  if (uid === 0) return
  process.setgroups?.([gid])
  process.setegid?.(gid)
  process.seteuid?.(uid)
}

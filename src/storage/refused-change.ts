import type { IllegalFileStateError } from '../domain/illegal-file-state-error.ts'
import type { ManifestRecords } from '../ports/manifest.ts'
import { fileById } from './look-up-files.ts'

/** Why a file could not be changed: what it is instead; of one that was packed, also in which archive. */
export async function refusedChange(
  id: number,
  { file, found }: Pick<IllegalFileStateError, 'file' | 'found'>,
  manifest: Pick<ManifestRecords, 'files'>,
  what: 'sent again' | 'given up',
): Promise<string> {
  const entry = await fileById(manifest, id)
  if (entry === undefined) return 'the manifest has no such file; belay files lists them'
  // A daemon that runs may have changed it since.
  const why = entry.state === found && entry.why !== undefined ? ` (${entry.why})` : ''
  return `${file} is ${found}${why}, and cannot be ${what} from there`
}

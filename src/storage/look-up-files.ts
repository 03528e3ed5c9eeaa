import type { FileEntry, FileQuery, ManifestRecords } from '../ports/manifest.ts'

const page = 500

/** All files that are asked for, the oldest first, without holding them all in memory. */
export async function* everyFile(
  manifest: Pick<ManifestRecords, 'files'>,
  query: Pick<FileQuery, 'states'> = {},
): AsyncGenerator<FileEntry, void> {
  for (let afterId = 0; ;) {
    const files = await manifest.files({ ...query, afterId, limit: page })
    yield* files
    const last = files.at(-1)
    if (last === undefined) return
    afterId = last.id
  }
}

/** One file, if the manifest has it. */
export async function fileById(manifest: Pick<ManifestRecords, 'files'>, id: number): Promise<FileEntry | undefined> {
  const [file] = await manifest.files({ afterId: id - 1, limit: 1 })
  return file?.id === id ? file : undefined
}

/** The file that has this path, if the manifest has it. */
export const fileByPath = async (
  manifest: Pick<ManifestRecords, 'files'>,
  path: string,
): Promise<FileEntry | undefined> => (await manifest.files({ path, limit: 1 }))[0]

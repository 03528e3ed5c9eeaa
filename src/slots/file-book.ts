import { ManifestClosedError } from '../domain/manifest-errors.ts'
import { epochMs } from '../domain/units.ts'
import type { FileBook, FileView } from '../inspection-feed/file-protocol.ts'
import type { Clock } from '../ports/clock.ts'
import type { FileEntry, ManifestRecords } from '../ports/manifest.ts'
import { fileById, fileByPath } from '../storage/look-up-files.ts'

/** Reads the manifest for people who look at its files. `manifest`: while it is open. */
export function createFileBook(manifest: () => ManifestRecords | undefined, clock: Clock): FileBook {
  const opened = (): ManifestRecords => {
    const found = manifest()
    if (found === undefined) throw new ManifestClosedError()
    return found
  }
  return {
    async list({ states, camera, olderThan, newestFirst, limit }) {
      const book = opened()
      const found = await book.files({
        ...(states !== undefined && { states }),
        ...(camera !== undefined && { cameraId: camera }),
        ...(olderThan !== undefined && { sealedBefore: epochMs(clock.now() - olderThan) }),
        ...(newestFirst !== undefined && { newestFirst }),
        limit: limit + 1,
      })
      return { files: found.slice(0, limit).map(view), more: found.length > limit, counts: await book.counts() }
    },
    async history(which) {
      const book = opened()
      const file = typeof which === 'number' ? await fileById(book, which) : await fileByPath(book, which)
      if (file === undefined) return undefined
      const changes = await book.history(file.id)
      return {
        file: view(file),
        changes: changes.map(({ at, boot, from, to, why }) => ({
          ...{ at, boot: boot ?? null, from: from ?? null, to, why: why ?? null },
        })),
      }
    },
  }
}

const view = ({
  id,
  path,
  state,
  rows,
  bytes,
  sha256,
  attempts,
  sealedAt,
  changedAt,
  dueAt,
  why,
}: FileEntry): FileView => ({
  id,
  path,
  camera: path.slice(0, path.indexOf('/')),
  ...{ state, rows, bytes, sha256, attempts, sealedAt, changedAt },
  dueAt: state === 'pending' && dueAt > 0 ? dueAt : null,
  why: why ?? null,
})

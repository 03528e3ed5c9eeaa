import { DiskError } from '../domain/disk-error.ts'
import type { Disk } from '../ports/disk.ts'
import { parentOf } from './remote-names.ts'

/** Codes that speak of one file or folder, not of the whole disk. */
const ofOne = new Set(['EACCES', 'EPERM', 'EIO', 'EBUSY', 'EISDIR'])

/** Copies that are remembered; more are left to `belay verify`, which finds them all. */
const bound = 10_000

/**
 * Deletes local copies that nobody needs any more, and remembers those that the disk did not delete. Lives as long as the
 * daemon, so that a session that ends forgets none.
 */
export class LocalCopies {
  readonly #left = new Set<string>()

  /** Durably; what is gone already is fine. Resolves with each failure: that of one copy does not keep the others. */
  async delete(paths: readonly string[], disk: Disk): Promise<DiskError[]> {
    const failures: DiskError[] = []
    const unlinked: string[] = []
    for (const path of paths) {
      // A disk that is read-only is not asked again for each of them.
      const failure = failures.find(isOfDisk) ?? (await failureOf(disk.unlink(path)))
      if (failure === undefined) unlinked.push(path)
      else {
        failures.push(failure)
        this.#remember(path)
      }
    }
    for (const folder of new Set(unlinked.map(parentOf))) {
      const failure = await failureOf(disk.syncFolder(folder))
      if (failure !== undefined) failures.push(failure)
      for (const path of unlinked.filter((each) => parentOf(each) === folder)) {
        if (failure === undefined) this.#left.delete(path)
        else this.#remember(path)
      }
    }
    return failures
  }

  /** Those that were left; resolves with each failure. */
  deleteLeft(disk: Disk): Promise<DiskError[]> {
    return this.delete([...this.#left], disk)
  }

  #remember(path: string): void {
    if (this.#left.size < bound) this.#left.add(path)
  }
}

/** Whether it is of no use to ask for another copy. */
export const isOfDisk = ({ systemCode }: DiskError): boolean => !ofOne.has(systemCode)

async function failureOf(call: Promise<void>): Promise<DiskError | undefined> {
  try {
    await call
    return undefined
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    return error.systemCode === 'ENOENT' ? undefined : error
  }
}

import type { ManifestVersion } from '../../adapters/manifest/open-beside.ts'
import { OperatingError } from '../../domain/errors.ts'
import type { Disk, DiskFile } from '../../ports/disk.ts'
import { byteCount } from '../../domain/byte-count.ts'
import { reserveOn } from '../../storage/reserve.ts'
import { CheckFailedError, type CheckLine, checkLine, type CheckRun } from './check-line.ts'
import { probeText } from './check-probe.ts'

export interface DataFolderToCheck {
  /** Absolute path, as configured. */
  readonly folder: string
  /** The nearest folder to it that exists: itself, or one above it. Making the others is the daemon's. */
  readonly existing: string
  /** What the daemon writes in `folder`, as far as it is there. @throws {DiskError} some of it cannot be written. */
  readonly expectWritable: () => Promise<void>
  /**
   * Of the manifest in `folder`; `undefined`: there is none.
   *
   * @throws {ManifestTooNewError} the daemon would not start on it. @throws {ManifestFailedError} it cannot be read.
   */
  readonly manifestVersion: () => Promise<ManifestVersion | undefined>
  /** With less room than this, beside `reserve`, the daemon writes no rows. */
  readonly pauseBelow: number
  /** So much it sets aside before it writes any. */
  readonly reserve: number
  /** On `existing`. */
  readonly disk: Disk
  /** Of the probe file. */
  readonly probeName: string
}

/**
 * Writes a file in the data folder, reads it back and removes it, looks whether what is there may be written and whether the daemon can
 * start on its manifest, and says how much room there is.
 */
export const checkDataFolder = (data: DataFolderToCheck, run: CheckRun): Promise<CheckLine> =>
  checkLine('data', 'folder', run, async () => `${await roomIn(data)}${await migrationOf(data)}`)

async function roomIn(data: DataFolderToCheck): Promise<string> {
  const { folder, existing, expectWritable, pauseBelow, reserve, disk, probeName } = data
  try {
    await probe(disk, probeName)
    if (existing === folder) await expectWritable()
    const freeBytes = await disk.freeBytes()
    const room = `${byteCount(freeBytes)} free`
    const wanted = existing === folder && reserve > 0 ? Math.max(0, reserve - (await reserveOn(disk))) : reserve
    if (freeBytes < pauseBelow + wanted) {
      const setAside = wanted === 0 ? '' : ` and what is to be set aside as disk.reserve (${byteCount(wanted)})`
      const least = `less than disk.pauseBelow (${byteCount(pauseBelow)})${setAside}`
      throw new CheckFailedError(`${room}, ${least}: no row would be written until there is more`)
    }
    return existing === folder
      ? `${folder} can be written, ${room}`
      : `${folder} does not exist yet; ${existing} can be written, ${room}`
  } catch (error) {
    // The disk names what is below the folder only.
    if (!(error instanceof OperatingError)) throw error
    throw new CheckFailedError(`In ${existing}: ${error.message}`, { cause: error })
  }
}

async function migrationOf({ folder, existing, manifestVersion }: DataFolderToCheck): Promise<string> {
  const version = existing === folder ? await manifestVersion() : undefined
  // 0: it was begun, and nothing more.
  if (version === undefined || version.found === 0 || version.found === version.known) return ''
  return `. Its manifest has schema version ${version.found}: the next start migrates it to ${version.known}, and keeps a copy`
}

async function probe(disk: Disk, name: string): Promise<void> {
  const file = await disk.create(name)
  try {
    await using(file, async () => {
      for (let written = 0; written < probeText.length;) {
        const taken = await file.write(probeText.subarray(written), written)
        if (taken === 0) throw new CheckFailedError(`write of ${name} takes nothing`)
        written += taken
      }
      await file.datasync()
    })
    const again = await disk.open(name)
    await using(again, async () => {
      const found = Buffer.alloc(probeText.length)
      let filled = 0
      for (let count = -1; count !== 0 && filled < found.length; filled += count) {
        count = await again.read(found.subarray(filled), filled)
      }
      if (!found.equals(probeText)) throw new CheckFailedError(`${name} reads back other than it was written`)
    })
  } finally {
    await disk.unlink(name)
  }
}

async function using(file: DiskFile, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } finally {
    await file.close()
  }
}

import { dirname } from 'node:path'
import { DiskError } from '../domain/disk-error.ts'
import { type CsvFileName, parseCsvFileName, parsePackedName } from '../domain/file-name.ts'
import type { CameraId } from '../domain/ids.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { Disk } from '../ports/disk.ts'
import { isFilesOwn, isFoldersOwn, isMissing } from './disk-faults.ts'
import { hashOf, readChunks } from './read-file.ts'
import { makeDurableFolder, type SealWorld } from './seal-file.ts'
import { WholeRows } from './whole-rows.ts'

/** What became of a file that lies where sealed ones lie. */
export type Adoption =
  | { readonly outcome: 'adopted'; readonly file: SealedFile }
  /** The manifest has it, or comes to it in another way. */
  | { readonly outcome: 'known' }
  /** It is none of ours, or gone; nobody touches it. */
  | { readonly outcome: 'left'; readonly why: string }
  /** The disk doesn't give it out now: what it holds is not known. */
  | { readonly outcome: 'unread'; readonly why: string }

/**
 * Takes in a sealed file that the manifest doesn't know, if it is whole and named as ours.
 *
 * @throws {DiskError} of the disk as a whole.
 * @throws {ManifestFailedError}
 */
export async function adoptFile(
  world: SealWorld,
  path: string,
  priorityOf: (cameraId: CameraId) => number,
): Promise<Adoption> {
  const { disk, manifest, clock, handOver } = world
  const folder = dirname(path)
  const fileName = path.slice(folder.length + 1)
  // One that the manifest doesn't know was cut off on its way there: what it holds is still held, and makes it again.
  if (parsePackedName(fileName) !== undefined) return { outcome: 'known' }
  const name = parseCsvFileName(fileName)
  if (name === undefined || `${name.cameraId}/${name.folder}` !== folder) {
    return { outcome: 'left', why: 'not a name that Belay gives' }
  }
  if (await manifest.has(path)) return { outcome: 'known' }
  try {
    const { found, sha256 } = await readWhole(disk, path, name)
    if (found.rows === 0 || found.wholeBytes !== found.bytes) {
      return { outcome: 'left', why: `row ${found.rows + 1} is not whole: no file that Belay has sealed` }
    }
    // It may have got its name just before a crash: the manifest must not know what a power cut can still take back.
    if (!world.folders.has(folder)) {
      await makeDurableFolder(world, folder)
      await disk.syncFolder(folder)
    }
    const file = { path, bytes: found.bytes, sha256, rows: found.rows, priority: priorityOf(name.cameraId) }
    await manifest.add(file, clock.now(), handOver)
    return { outcome: 'adopted', file }
  } catch (error) {
    if (isMissing(error)) return { outcome: 'left', why: 'it is gone' }
    if (!(error instanceof DiskError) || !(isFilesOwn(error) || isFoldersOwn(error))) throw error
    return { outcome: 'unread', why: error.message }
  }
}

/** The paths of the files in a camera's folder, the oldest first, as their names tell; a string says why it doesn't tell them now. @throws {DiskError} as above. */
export async function filesIn(disk: Disk, folder: string): Promise<string[] | string> {
  try {
    const entries = await disk.list(folder)
    // In order, so that what is packed of them makes the same archives each time, as far as it can.
    const names = entries.filter(({ kind }) => kind === 'file').map(({ name }) => name)
    return names.sort().map((name) => `${folder}/${name}`)
  } catch (error) {
    if (!isFoldersOwn(error)) throw error
    return error.message
  }
}

async function readWhole(
  disk: Disk,
  path: string,
  name: CsvFileName,
): Promise<{ readonly found: WholeRows; readonly sha256: string }> {
  const file = await disk.open(path)
  try {
    const found = new WholeRows(name)
    for await (const chunk of readChunks(file)) found.push(chunk)
    return { found, sha256: await hashOf(file, found.bytes) }
  } finally {
    await file.close()
  }
}

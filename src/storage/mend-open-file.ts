import { openFolder } from '../domain/data-folder.ts'
import { DiskError } from '../domain/disk-error.ts'
import { type CsvFileName, parseCsvFileName } from '../domain/file-name.ts'
import type { CameraId } from '../domain/ids.ts'
import { csvFilePath, type SealedFile } from '../domain/sealed-file.ts'
import type { Disk, DiskFile } from '../ports/disk.ts'
import { isFilesOwn, isFoldersOwn, isForWantOfRoom, isMissing } from './disk-faults.ts'
import { openPath } from './open-file.ts'
import { hashOf, readChunks } from './read-file.ts'
import { tidyUp } from './tidy-up.ts'
import { unlinkIfThere } from './unlink-if-there.ts'
import { WholeRows } from './whole-rows.ts'
import { writeWhole } from './write-whole.ts'
import type { AcceptedPart } from './writer-ledger.ts'

export type Mended =
  /** Durable, closed, and nothing but whole rows: ready to be sealed. */
  | { readonly outcome: 'mended'; readonly file: SealedFile; readonly tornBytes: number }
  | { readonly outcome: 'set-aside'; readonly path: string; readonly why: string }
  | { readonly outcome: 'removed'; readonly tornBytes: number }
  | { readonly outcome: 'left'; readonly path: string; readonly why: string }
  /** The disk doesn't give it out now, or whether its final name is taken. What stood behind an accepted part is cut off. */
  | { readonly outcome: 'unread'; readonly why: string }

/**
 * Cuts an open file back to what it is to keep: to `accepted` where the ledger knows it, otherwise after its last whole
 * frame, with the bytes behind that kept in a `.torn` file beside it.
 */
export async function mendOpenFile(
  disk: Disk,
  openName: string,
  accepted: AcceptedPart | undefined,
  priorityOf: (cameraId: CameraId) => number,
): Promise<Mended> {
  const fileName = openName.replace(/\.open$/, '')
  const path = openPath(fileName)
  const name = parseCsvFileName(fileName)
  if (name === undefined) return { outcome: 'left', path, why: 'not a name that Belay gives' }
  let file: DiskFile | undefined
  let isCut = accepted === undefined
  try {
    file = await disk.open(path)
    const length = await cutBack(file, accepted)
    isCut = true
    const mended = await mend(disk, file, length, fileName, name, accepted, priorityOf(name.cameraId))
    await file.close()
    file = undefined
    return typeof mended === 'string' ? await setAside(disk, fileName, mended) : mended
  } catch (error) {
    if (error instanceof DiskError) await tidyUp(async () => file?.close())
    if (isFoldersOwn(error) && error.path === csvFilePath(name, fileName)) {
      return { outcome: 'unread', why: error.message }
    }
    if (!(error instanceof DiskError) || !isFilesOwn(error)) throw error
    // It may hold rows that go into another file, too: nobody is to find them here.
    return isCut ? { outcome: 'unread', why: error.message } : setAside(disk, fileName, error.message)
  }
}

/**
 * What stands behind the accepted part is still queued, and is written to another file: wherever this ends, it must not be found
 * in both. Resolves with what is left.
 */
async function cutBack(file: DiskFile, accepted: AcceptedPart | undefined): Promise<number> {
  const length = await file.length()
  if (accepted === undefined || length <= accepted.bytes) return length
  await file.truncate(accepted.bytes)
  await file.datasync()
  return accepted.bytes
}

/** A string says why the file is to be set aside. */
async function mend(
  disk: Disk,
  file: DiskFile,
  length: number,
  fileName: string,
  name: CsvFileName,
  accepted: AcceptedPart | undefined,
  priority: number,
): Promise<Mended | string> {
  const path = openPath(fileName)
  const sealedPath = csvFilePath(name, fileName)
  const found = new WholeRows(name)
  if (accepted === undefined) for await (const chunk of readChunks(file)) found.push(chunk)
  const keep = accepted ?? found.wholeFrames
  const sealedTwin = await openIfThere(disk, sealedPath)
  if (sealedTwin !== undefined) {
    // A power cut in the middle of a rename can leave both names. The sealed one is not touched.
    const isSame = await holdsTheSame(sealedTwin, file, length)
    if (!isSame) return `${sealedPath} is there already, and differs`
    await disk.unlink(path)
    return { outcome: 'removed', tornBytes: 0 }
  }
  if (length < keep.bytes) return `it has ${length} bytes, and ${keep.bytes} had been accepted`
  if (length > 0 && keep.bytes === 0 && accepted === undefined) return 'its header is not ours'
  const tornBytes = accepted === undefined ? length - keep.bytes : 0
  const unkept = tornBytes === 0 ? undefined : await keepTorn(disk, file, keep.bytes, `${openFolder}/${fileName}.torn`)
  // Without a row the file itself would go, and with it all that there is of them.
  if (unkept !== undefined && keep.rows === 0) {
    return `what stands behind its header is no whole row, and cannot be kept: ${unkept}`
  }
  if (keep.rows === 0) {
    await disk.unlink(path)
    return { outcome: 'removed', tornBytes }
  }
  if (length > keep.bytes) await file.truncate(keep.bytes)
  await file.datasync()
  const sha256 = await hashOf(file, keep.bytes)
  const sealed = { path: sealedPath, bytes: keep.bytes, sha256, rows: keep.rows, priority }
  return { outcome: 'mended', file: sealed, tornBytes }
}

/**
 * For whoever wants to know what the crash cut through. Resolves with why the disk did not keep it: nobody was promised it,
 * and the file goes on without.
 */
async function keepTorn(disk: Disk, from: DiskFile, start: number, path: string): Promise<string | undefined> {
  // An earlier scan may have been cut off here.
  await unlinkIfThere(disk, path)
  try {
    await copyFrom(disk, from, start, path)
    return undefined
  } catch (error) {
    // A fault of the file that it is copied from is that file's own.
    const isOfCopy = error instanceof DiskError && error.path === path && isFilesOwn(error)
    if (!isForWantOfRoom(error) && !isOfCopy) throw error
    await unlinkIfThere(disk, path)
    return isOfCopy ? error.message : 'the disk has no room'
  }
}

async function copyFrom(disk: Disk, from: DiskFile, start: number, path: string): Promise<void> {
  const copy = await disk.create(path)
  try {
    let at = 0
    for await (const chunk of readChunks(from, start)) {
      await writeWhole(copy, chunk, at, path)
      at += chunk.length
    }
    await copy.datasync()
  } catch (error) {
    await tidyUp(() => copy.close())
    throw error
  }
  await copy.close()
}

async function setAside(disk: Disk, fileName: string, why: string): Promise<Mended> {
  const path = `${openFolder}/${fileName}.broken`
  await disk.rename(openPath(fileName), path)
  return { outcome: 'set-aside', path, why }
}

async function holdsTheSame(twin: DiskFile, file: DiskFile, length: number): Promise<boolean> {
  try {
    return (await twin.length()) === length && (await hashOf(twin, length)) === (await hashOf(file, length))
  } finally {
    await twin.close()
  }
}

async function openIfThere(disk: Disk, path: string): Promise<DiskFile | undefined> {
  try {
    return await disk.open(path)
  } catch (error) {
    if (!isMissing(error)) throw error
    return undefined
  }
}

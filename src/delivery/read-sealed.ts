import { createHash } from 'node:crypto'
import { SealedFileChangedError } from '../domain/delivery-errors.ts'
import { DiskError } from '../domain/disk-error.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { Disk, DiskFile } from '../ports/disk.ts'
import type { Buffers } from './buffers.ts'

export interface Chunk {
  readonly bytes: Uint8Array
  readonly position: number
}

/**
 * Reads a sealed file from beginning to end, a buffer at a time, which is the reader's until it gives it back. It ends only if what was read is what was sealed,
 * to the last bit: a consumer that has seen the end may trust it all.
 *
 * @throws {SealedFileChangedError} it is gone, or of another length or content.
 * @throws {DiskError}
 */
export async function* readSealed(disk: Disk, file: SealedFile, buffers: Buffers): AsyncGenerator<Chunk, void> {
  const opened = await openSealed(disk, file)
  try {
    const hash = createHash('sha256')
    let position = 0
    for (;;) {
      // One byte more than there should be: that tells a longer file, and a shorter answer tells the end.
      const asked = Math.min(buffers.bytesEach, file.bytes - position + 1)
      const bytes = await readFull(opened, position, buffers.take().subarray(0, asked))
      if (bytes.length === 0) {
        buffers.giveBack(bytes)
        break
      }
      if (position + bytes.length > file.bytes)
        throw new SealedFileChangedError(file.path, `longer than ${file.bytes} bytes`)
      hash.update(bytes)
      yield { bytes, position }
      position += bytes.length
      if (bytes.length < asked) break
    }
    if (position < file.bytes) {
      throw new SealedFileChangedError(file.path, `${position} bytes long, ${file.bytes} were sealed`)
    }
    const sha256 = hash.digest('hex')
    if (sha256 !== file.sha256)
      throw new SealedFileChangedError(file.path, `its SHA-256 is ${sha256}, not ${file.sha256}`)
  } finally {
    await opened.close()
  }
}

async function openSealed(disk: Disk, file: SealedFile): Promise<DiskFile> {
  try {
    return await disk.open(file.path)
  } catch (error) {
    if (error instanceof DiskError && error.systemCode === 'ENOENT') {
      throw new SealedFileChangedError(file.path, 'it is gone', { cause: error })
    }
    throw error
  }
}

/** What was read into `into`; shorter than that only at the end of the file. */
async function readFull(file: DiskFile, position: number, into: Uint8Array): Promise<Uint8Array> {
  let filled = 0
  while (filled < into.length) {
    const count = await file.read(into.subarray(filled), position + filled)
    if (count === 0) break
    filled += count
  }
  return into.subarray(0, filled)
}

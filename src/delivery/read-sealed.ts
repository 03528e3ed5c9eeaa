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
 * Reads a sealed file from beginning to end, a buffer at a time, which is the reader's until it gives it back; while it has one, the
 * next is being read. It ends only if what was read is what was sealed, to the last bit: a consumer that has seen the end may trust it all.
 *
 * @throws {SealedFileChangedError} it is gone, or of another length or content.
 * @throws {DiskError}
 */
export async function* readSealed(disk: Disk, file: SealedFile, buffers: Buffers): AsyncGenerator<Chunk, void> {
  const opened = await openSealed(disk, file)
  const read = (position: number): Promise<Answer> => {
    const answer = readFull(opened, position, file.bytes, buffers)
    // Told to whoever waits for it; where nobody does any more, there is another failure to tell.
    answer.catch(() => undefined)
    return answer
  }
  let ahead = read(0)
  try {
    const hash = createHash('sha256')
    let position = 0
    for (;;) {
      const { bytes, isEnd } = await ahead
      if (position + bytes.length > file.bytes)
        throw new SealedFileChangedError(file.path, `longer than ${file.bytes} bytes`)
      if (!isEnd) ahead = read(position + bytes.length)
      if (bytes.length === 0) buffers.giveBack(bytes)
      else {
        hash.update(bytes)
        yield { bytes, position }
      }
      position += bytes.length
      if (isEnd) break
    }
    if (position < file.bytes) {
      throw new SealedFileChangedError(file.path, `${position} bytes long, ${file.bytes} were sealed`)
    }
    const sha256 = hash.digest('hex')
    if (sha256 !== file.sha256)
      throw new SealedFileChangedError(file.path, `its SHA-256 is ${sha256}, not ${file.sha256}`)
  } finally {
    // It reads into a buffer by the descriptor that is about to be closed.
    await Promise.allSettled([ahead])
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

interface Answer {
  readonly bytes: Uint8Array
  readonly isEnd: boolean
}

/** A buffer full from `position` on; less only at the end of the file, which is to be `bytes` long. */
async function readFull(file: DiskFile, position: number, bytes: number, buffers: Buffers): Promise<Answer> {
  // One byte more than there should be: that tells a longer file, and a shorter answer tells the end.
  const into = buffers.take().subarray(0, bytes - position + 1)
  let filled = 0
  while (filled < into.length) {
    const count = await file.read(into.subarray(filled), position + filled)
    filled += count
    // Less than was asked for, just where the end is to be: no second call asks whether it is. The digest tells the rest.
    if (count === 0 || position + filled === bytes) break
  }
  return { bytes: into.subarray(0, filled), isEnd: filled < into.length }
}

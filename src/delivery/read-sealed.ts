import { createHash } from 'node:crypto'
import { SealedFileChangedError } from '../domain/delivery-errors.ts'
import { openSealed } from '../domain/open-sealed.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { Disk, DiskFile } from '../ports/disk.ts'
import type { Buffers } from './buffers.ts'

/** Each read is a turn of another thread and one of ours, which cost more than the bytes that it brings. */
const buffersPerRead = 4

export interface Chunk {
  readonly bytes: Uint8Array
  readonly position: number
}

/**
 * Reads a sealed file from beginning to end, a buffer at a time, which is the reader's until it gives it back; some are
 * read together, and while they are its reader's, the next are being read. It ends only if what was read is what was sealed, to the last bit: a consumer that has seen the end may trust it all.
 *
 * @throws {SealedFileChangedError} it is gone, or of another length or content.
 * @throws {DataFolderAwayError}
 * @throws {DiskError}
 */
export async function* readSealed(disk: Disk, file: SealedFile, buffers: Buffers): AsyncGenerator<Chunk, void> {
  const opened = await openSealed(disk, file.path)
  const read = (position: number): Promise<Stretch> => {
    const answer = readStretch(opened, position, file.bytes, buffers)
    // Told to whoever waits for it; where nobody does any more, there is another failure to tell.
    answer.catch(() => undefined)
    return answer
  }
  let ahead = read(0)
  try {
    const hash = createHash('sha256')
    let position = 0
    for (;;) {
      const { chunks, bytes, isEnd } = await ahead
      if (position + bytes > file.bytes) throw new SealedFileChangedError(file.path, `longer than ${file.bytes} bytes`)
      if (!isEnd) ahead = read(position + bytes)
      for (const chunk of chunks) {
        hash.update(chunk)
        yield { bytes: chunk, position }
        position += chunk.length
      }
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

interface Stretch {
  /** Full, but for the last one of the file. */
  readonly chunks: readonly Uint8Array[]
  /** Of all chunks together. */
  readonly bytes: number
  readonly isEnd: boolean
}

/** Buffers full from `position` on; less only at the end of the file, which is to be `bytes` long. */
async function readStretch(file: DiskFile, position: number, bytes: number, buffers: Buffers): Promise<Stretch> {
  // One byte more than there should be: that tells a longer file, and a shorter answer tells the end.
  const wanted = Math.min(bytes - position + 1, buffersPerRead * buffers.bytesEach)
  const taken = Array.from({ length: Math.ceil(wanted / buffers.bytesEach) }, () => buffers.take())
  let filled = 0
  while (filled < wanted) {
    const count = await file.readEach(part(taken, filled, wanted), position + filled)
    filled += count
    // Less than was asked for, just where the end is to be: no second call asks whether it is. The digest tells the rest.
    if (count === 0 || position + filled === bytes) break
  }
  const chunks = part(taken, 0, filled)
  for (const empty of taken.slice(chunks.length)) buffers.giveBack(empty)
  return { chunks, bytes: filled, isEnd: filled < wanted }
}

/** The bytes from `from` up to `to` of buffers that stand one after the other. */
function part(buffers: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  let at = 0
  return buffers.flatMap((buffer) => {
    const piece = buffer.subarray(Math.max(0, from - at), Math.max(0, to - at))
    at += buffer.length
    return piece.length === 0 ? [] : [piece]
  })
}

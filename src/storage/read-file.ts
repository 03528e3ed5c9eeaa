import { createHash } from 'node:crypto'
import type { DiskFile } from '../ports/disk.ts'

const chunkBytes = 65_536

/** The bytes of a file from `from` up to `to`, or to its end if that comes first. A chunk is gone when the next is asked for. */
export async function* readChunks(file: DiskFile, from = 0, to = Infinity): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes)
  for (let at = from; at < to;) {
    const taken = await file.read(buffer.subarray(0, Math.min(chunkBytes, to - at)), at)
    if (taken === 0) return
    at += taken
    yield buffer.subarray(0, taken)
  }
}

/** Lower case hex of the SHA-256 of the first `length` bytes. */
export async function hashOf(file: DiskFile, length: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readChunks(file, 0, length)) hash.update(chunk)
  return hash.digest('hex')
}

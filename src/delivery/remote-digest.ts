import { createHash } from 'node:crypto'
import type { SftpHandle, SftpSession } from '../ports/sftp-session.ts'

/** What servers answer in one piece. */
const chunkBytes = 32_768
const readsInFlight = 8

/**
 * The SHA-256 of the first `length` bytes of a remote file, in lower case hex, read back from the server; `undefined` if the
 * file is shorter.
 */
export async function remoteDigest(session: SftpSession, path: string, length: number): Promise<string | undefined> {
  const handle = await session.open(path, 'r')
  try {
    const hash = createHash('sha256')
    for (let start = 0; start < length; start += chunkBytes * readsInFlight) {
      const stretch = Math.min(chunkBytes * readsInFlight, length - start)
      const positions = Array.from(
        { length: Math.ceil(stretch / chunkBytes) },
        (_, index) => start + index * chunkBytes,
      )
      const chunks = await Promise.all(
        positions.map((position) => readFull(session, handle, position, Math.min(chunkBytes, length - position))),
      )
      for (const chunk of chunks) {
        if (chunk === undefined) return undefined
        hash.update(chunk)
      }
    }
    return hash.digest('hex')
  } finally {
    await session.close(handle)
  }
}

async function readFull(
  session: SftpSession,
  handle: SftpHandle,
  position: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const into = new Uint8Array(length)
  for (let filled = 0; filled < length;) {
    const count = await session.read(handle, into.subarray(filled), position + filled)
    if (count === 0) return undefined
    filled += count
  }
  return into
}

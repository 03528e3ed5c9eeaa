import { SftpStatusError } from '../domain/delivery-errors.ts'
import type { SftpHandle, SftpSession } from '../ports/sftp-session.ts'

/**
 * Has the server put a file on its disk once more, opened by its final name. SFTP has no request that makes a name durable; but
 * where a file system keeps a journal, the change of name goes to the disk with the file that it was made to.
 *
 * A file that nobody finds there has been taken by its consumer. One that we may not open stays as it is, and so does one on a
 * server without fsync.
 *
 * @throws {SftpStatusError} it could not be opened or synced. @throws {SftpUnknownOutcomeError}
 */
export async function syncName(session: SftpSession, path: string): Promise<void> {
  const handle = await openIfAllowed(session, path)
  if (handle !== undefined) await Promise.all([session.fsync(handle), session.close(handle)])
}

async function openIfAllowed(session: SftpSession, path: string): Promise<SftpHandle | undefined> {
  try {
    return await session.open(path, 'r')
  } catch (error) {
    const isLeft = error instanceof SftpStatusError && ['no-such-file', 'permission-denied'].includes(error.status)
    if (!isLeft) throw error
    return undefined
  }
}

import { SftpStatusError } from '../../domain/delivery-errors.ts'
import { OperatingError } from '../../domain/errors.ts'
import type { SftpSession } from '../../ports/sftp-session.ts'
import { CheckFailedError } from './check-line.ts'

const mostNamed = 4

/**
 * Makes the folder `probe` and removes it, unless all that are `needed` stand there already.
 *
 * @throws {CheckFailedError} the message says which folders are missing, or that the probe may be left.
 */
export async function tryMakingFolders(session: SftpSession, probe: string, needed: readonly string[]): Promise<void> {
  const missing = []
  for (const path of needed) if ((await session.stat(path)) === undefined) missing.push(path)
  if (missing.length === 0) return
  try {
    await session.mkdir(probe)
  } catch (error) {
    if (error instanceof SftpStatusError) throw refusal(error, missing)
    throw mayBeLeft(error, probe)
  }
  await session.rmdir(probe).catch((error: unknown) => {
    throw mayBeLeft(error, probe)
  })
}

function refusal(error: SftpStatusError, missing: readonly string[]): CheckFailedError {
  const more = missing.length - mostNamed
  const names = missing.slice(0, mostNamed).join(', ') + (more > 0 ? ` and ${more} more` : '')
  return new CheckFailedError(
    `${error.message}. Belay makes the folders that it needs: let it, or make them by hand: ${names}`,
    { cause: error },
  )
}

function mayBeLeft(error: unknown, probe: string): unknown {
  if (!(error instanceof OperatingError)) return error
  return new CheckFailedError(
    `${error.message}. The probe folder ${probe} may still be on the server: remove it by hand`,
    { cause: error },
  )
}

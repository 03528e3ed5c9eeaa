import { VerificationError, SftpStatusError } from '../../domain/delivery-errors.ts'
import { OperatingError } from '../../domain/errors.ts'
import { below } from '../../delivery/remote-names.ts'
import type { SftpHandle, SftpSession } from '../../ports/sftp-session.ts'
import { CheckFailedError } from './check-line.ts'
import { probeText } from './check-probe.ts'

/**
 * Writes a file in `folder` under a temporary name, renames it, reads it back and removes it.
 *
 * @throws {CheckFailedError} the file could not be removed; the message says its name.
 * @throws {SftpStatusError} {SftpUnknownOutcomeError} {VerificationError}
 * @throws {signal.reason} also then the file has been removed.
 */
export async function tryRemoteFolder(
  session: SftpSession,
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const left = new Set<string>()
  let failure: { readonly error: unknown } | undefined
  try {
    await takeThrough(session, below(folder, name), left, signal)
  } catch (error) {
    failure = { error }
  }
  const refusal = await remove(session, left)
  if (refusal !== undefined) {
    const before = failure?.error instanceof OperatingError ? `${failure.error.message}. Then ` : ''
    throw new CheckFailedError(
      `${before}${refusal.message}. The probe file ${[...left].join(' or ')} may still be on the server: remove it by hand`,
      { cause: failure?.error ?? refusal },
    )
  }
  if (failure !== undefined) throw failure.error
}

/** `left`: the names under which the file may stand on the server at the moment. */
async function takeThrough(session: SftpSession, final: string, left: Set<string>, signal: AbortSignal): Promise<void> {
  const part = `${final}.part`
  const writing = await naming(part, left, () => session.open(part, 'wx'))
  await closing(session, writing, () => session.write(writing, probeText, 0))
  signal.throwIfAborted()
  await naming(final, left, () => session.rename(part, final))
  left.delete(part)
  signal.throwIfAborted()
  // Delivery looks at every name before and after.
  await session.stat(final)
  const reading = await session.open(final, 'r')
  const found = Buffer.alloc(probeText.length + 1)
  let filled = 0
  await closing(session, reading, async () => {
    for (let count = -1; count !== 0 && filled < found.length; filled += count) {
      count = await session.read(reading, found.subarray(filled), filled)
    }
  })
  if (!found.subarray(0, filled).equals(probeText))
    throw new VerificationError(final, `${filled} bytes read back are not the ${probeText.length} that were sent`)
}

/** `name` may be there as soon as it is asked for, unless the server says no. */
async function naming<T>(name: string, left: Set<string>, request: () => Promise<T>): Promise<T> {
  left.add(name)
  try {
    return await request()
  } catch (error) {
    if (error instanceof SftpStatusError) left.delete(name)
    throw error
  }
}

async function closing(session: SftpSession, handle: SftpHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } finally {
    await session.close(handle)
  }
}

/** Empties `left` as far as the server lets it. */
async function remove(session: SftpSession, left: Set<string>): Promise<OperatingError | undefined> {
  let refusal: OperatingError | undefined
  for (const path of left) {
    try {
      await session.unlink(path)
      left.delete(path)
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error
      if (error instanceof SftpStatusError && error.status === 'no-such-file') left.delete(path)
      else refusal ??= error
    }
  }
  return refusal
}

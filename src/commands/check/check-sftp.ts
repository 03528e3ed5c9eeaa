import type { HostKeyConfig } from '../../config/config.ts'
import { SftpHostKeyError } from '../../domain/delivery-errors.ts'
import { OperatingError } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import { below, parentOf } from '../../delivery/remote-names.ts'
import type { SftpConnector, SftpSession } from '../../ports/sftp-session.ts'
import { CheckFailedError, type CheckLine, checkLine, type CheckRun } from './check-line.ts'
import { tryMakingFolders } from './check-making-folders.ts'
import { tryRemoteFolder } from './check-remote-folder.ts'

export interface SftpToCheck {
  readonly server: SftpConnector
  /** The same server held to no key at all: connecting says which key it shows, and goes no further. */
  readonly keyless: SftpConnector
  readonly hostKey: HostKeyConfig
  /** Where files are to be delivered, absolute or relative to the login folder. */
  readonly folder: string
  /** Below `folder`: where files are to grow and to stand. */
  readonly folders: readonly string[]
  /** Of the probe file. */
  readonly probeName: string
}

/**
 * Connects as the daemon does, compares the host key, takes a file the way of a delivery, and makes a folder where some are missing.
 */
export const checkSftp = (
  { server, keyless, hostKey, folder, folders, probeName }: SftpToCheck,
  run: CheckRun,
): Promise<CheckLine> =>
  checkLine('sftp', 'server', run, async () => {
    const session = await server.connect(run.signal)
    const stopCutting = cutOnInterrupt(session, run)
    try {
      run.signal.throwIfAborted()
      const there = await nearestFolder(session, folder)
      await tryRemoteFolder(session, there, probeName, run.signal)
      const needed = folders.map((path) => below(folder, path))
      await tryMakingFolders(session, below(there, `${probeName}.folder`), needed)
      const shown = hostKey === 'accept-any' ? await shownKey(keyless, run.signal) : undefined
      const tried = 'a file can be written, renamed, read and removed'
      const missing = there === folder ? '' : `${folder} does not exist yet; `
      return `${server.address}, ${keyWords(hostKey, shown)}; ${missing}in ${folderWords(there)} ${tried}`
    } finally {
      stopCutting()
      await session.end()
    }
  })

function keyWords(hostKey: HostKeyConfig, shown: string | undefined): string {
  if (hostKey === 'accept-any') return `host key ${shown ?? ''} is not compared (accept-any)`.replace('  ', ' ')
  return 'fingerprints' in hostKey ? 'host key is the pinned one' : 'host key is the one in known_hosts'
}

const folderWords = (path: string): string => (path === '' || path === '.' ? 'the login folder' : path)

/** So that `accept-any` can be replaced by the key which the server shows today; a server that tires of us keeps it to itself. */
async function shownKey(keyless: SftpConnector, signal: AbortSignal): Promise<string | undefined> {
  try {
    const session = await keyless.connect(signal)
    await session.end()
  } catch (error) {
    if (error instanceof SftpHostKeyError) return error.found
    if (error instanceof OperatingError) return undefined
    throw error
  }
  throw new Error('A server that is held to no key was accepted')
}

/** The folder, or the nearest one above it that exists. */
async function nearestFolder(session: SftpSession, folder: string): Promise<string> {
  for (let path = folder; ; path = parentOf(path)) {
    if (path === '' || path === '.' || path === '/') return path
    const found = await session.stat(path)
    if (found?.isFolder === false)
      throw new CheckFailedError(`${path} on the server is a file; sftp.folder needs a folder`)
    if (found !== undefined) return path
  }
}

/** Time to remove the probe file after an interruption, where the server still answers. */
const cleanUpTime = seconds(3)

/** Requests are given up when their session ends, and in no other way. */
function cutOnInterrupt(session: SftpSession, { clock, signal }: CheckRun): () => void {
  let timer: unknown
  const begin = () => (timer = clock.setTimeout(() => void session.end(), cleanUpTime))
  signal.addEventListener('abort', begin, { once: true })
  return () => {
    signal.removeEventListener('abort', begin)
    if (timer !== undefined) clock.clearTimeout(timer)
  }
}

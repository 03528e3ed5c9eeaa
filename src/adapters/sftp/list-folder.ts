import type ssh2 from 'ssh2'
import { SftpStatusError } from '../../domain/delivery-errors.ts'
import type { SftpEntry } from '../../ports/sftp-session.ts'
import { isEnd, isFolderBy, malformed } from './ssh2-answers.ts'

/** Of one folder; one that has more is refused. */
const mostNames = 1_000_000

type Done = (error?: Error | null, answer?: unknown) => void
/** One request of the session's. */
type Request = (name: string, send: (done: Done) => void) => Promise<unknown>

/** With the option that ssh2's types leave out: without `full` it takes for granted that an answer holds a list. */
interface Listing {
  readdir(handle: Buffer, options: { readonly full: true }, done: Done): void
}

/** Lists a folder by single requests, so that each has a deadline of its own: a long folder takes many. */
export async function listFolder(sftp: ssh2.SFTPWrapper, path: string, request: Request): Promise<SftpEntry[]> {
  const handle = await request('opendir', (done) => sftp.opendir(path, done))
  if (!Buffer.isBuffer(handle)) throw malformed('opendir', path, 'no handle')
  const close = () => request('close', (done) => sftp.close(handle, done))
  try {
    const entries = await readToTheEnd(sftp as unknown as Listing, handle, path, request)
    await close()
    return entries
  } catch (error) {
    // The first refusal is the one to tell, and without an answer there is no handle left.
    if (error instanceof SftpStatusError && error.request !== 'close') await close().catch(() => undefined)
    throw error
  }
}

async function readToTheEnd(sftp: Listing, handle: Buffer, path: string, request: Request): Promise<SftpEntry[]> {
  const end = Symbol('end')
  const entries = new Map<string, SftpEntry>()
  for (;;) {
    const answer = await request('readdir', (done) =>
      sftp.readdir(handle, { full: true }, (error, list) => (isEnd(error) ? done(null, end) : done(error, list))),
    )
    if (answer === end) return [...entries.values()].filter(({ name }) => name !== '.' && name !== '..')
    if (!Array.isArray(answer)) throw malformed('readdir', path, 'no list')
    const known = entries.size
    for (const { filename: name, attrs } of answer as {
      filename: string
      attrs: { mtime?: number; mode?: number }
    }[]) {
      entries.set(name, { name, modifiedAtSeconds: attrs.mtime ?? 0, isFolder: isFolderBy(attrs.mode) })
    }
    // Or a server could go on for ever.
    if (entries.size === known) throw malformed('readdir', path, 'no name that was not there before')
    if (entries.size > mostNames) throw malformed('readdir', path, `more than ${mostNames} names with those before`)
  }
}

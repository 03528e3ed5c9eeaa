import { type FileHandle, link, lstat, mkdir, open, readdir, realpath, rename, rmdir, unlink } from 'node:fs/promises'
import { constants, type Stats } from 'node:fs'
import { basename, dirname, join, posix, sep } from 'node:path'
import ssh2 from 'ssh2'

const { STATUS_CODE, OPEN_MODE } = ssh2.utils.sftp

/** Says no to a request: what its status will be. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

interface OpenFile {
  readonly file: FileHandle
  readonly writable: boolean
}
interface OpenFolder {
  /** What READDIR has still to tell. */
  left: string[]
  readonly path: string
}

/** At most this many files and folders are open at a time in one session. */
const mostHandles = 256
/** The longest READ that is answered whole; a longer one gets this much. */
const mostReadBytes = 32_768
const namesPerAnswer = 100

/**
 * Serves one SFTP session out of one real folder, which the client sees as `/` and cannot leave. Requests are carried out
 * one after another, in the order they came, as OpenSSH does.
 *
 * A plain rename never replaces a file, and what is closed after writing is on the disk.
 */
export function serveFolder(sftp: ssh2.SFTPWrapper, folder: string): { close(): Promise<void> } {
  const handles = new Map<number, OpenFile | OpenFolder>()
  let nextHandle = 0
  let queue = Promise.resolve()

  const inOrder = (request: number, work: () => Promise<void>): void => {
    queue = queue.then(work).catch((error: unknown) => {
      const [status, message] = refusal(error)
      sftp.status(request, status, message)
    })
  }
  const ok = (request: number) => sftp.status(request, STATUS_CODE.OK)

  const give = (request: number, opened: OpenFile | OpenFolder): void => {
    const id = nextHandle++
    handles.set(id, opened)
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(id)
    sftp.handle(request, bytes)
  }
  const lookUp = (bytes: Buffer): OpenFile | OpenFolder => {
    const opened = bytes.length === 4 ? handles.get(bytes.readUInt32BE()) : undefined
    if (opened === undefined) throw new Refusal(STATUS_CODE.FAILURE, 'no such handle')
    return opened
  }
  const openFile = (bytes: Buffer): OpenFile => {
    const opened = lookUp(bytes)
    if (!('file' in opened)) throw new Refusal(STATUS_CODE.FAILURE, 'the handle is a folder’s')
    return opened
  }
  const checkRoom = (): void => {
    if (handles.size >= mostHandles) throw new Refusal(STATUS_CODE.FAILURE, `${mostHandles} handles are open`)
  }

  sftp.on('OPEN', (request, path, flags) =>
    inOrder(request, async () => {
      checkRoom()
      const file = await open(await inside(folder, path), nodeFlags(flags), 0o644)
      give(request, { file, writable: (flags & OPEN_MODE.WRITE) !== 0 })
    }),
  )
  sftp.on('WRITE', (request, handle, position, data) =>
    inOrder(request, async () => {
      const { file } = openFile(handle)
      for (let done = 0; done < data.length;) {
        done += (await file.write(data, done, data.length - done, position + done)).bytesWritten
      }
      ok(request)
    }),
  )
  sftp.on('READ', (request, handle, position, length) =>
    inOrder(request, async () => {
      const into = Buffer.alloc(Math.min(length, mostReadBytes))
      const { bytesRead } = await openFile(handle).file.read(into, 0, into.length, position)
      if (bytesRead === 0) throw new Refusal(STATUS_CODE.EOF, 'end of file')
      sftp.data(request, into.subarray(0, bytesRead))
    }),
  )
  sftp.on('FSTAT', (request, handle) =>
    inOrder(request, async () => sftp.attrs(request, attributes(await openFile(handle).file.stat()))),
  )
  sftp.on('CLOSE', (request, handle) =>
    inOrder(request, async () => {
      const opened = lookUp(handle)
      handles.delete(handle.readUInt32BE())
      if ('file' in opened) await closeFile(opened)
      ok(request)
    }),
  )
  const stat = (request: number, path: string): void =>
    inOrder(request, async () => sftp.attrs(request, attributes(await lstat(await inside(folder, path)))))
  sftp.on('STAT', stat)
  sftp.on('LSTAT', stat)
  sftp.on('OPENDIR', (request, path) =>
    inOrder(request, async () => {
      checkRoom()
      const real = await inside(folder, path)
      give(request, { left: await readdir(real), path: real })
    }),
  )
  sftp.on('READDIR', (request, handle) =>
    inOrder(request, async () => {
      const opened = lookUp(handle)
      if ('file' in opened) throw new Refusal(STATUS_CODE.FAILURE, 'the handle is a file’s')
      const names = opened.left.splice(0, namesPerAnswer)
      if (names.length === 0) throw new Refusal(STATUS_CODE.EOF, 'end of folder')
      sftp.name(request, await Promise.all(names.map((name) => entry(opened.path, name))))
    }),
  )
  sftp.on('REMOVE', (request, path) =>
    inOrder(request, async () => {
      await unlink(await inside(folder, path))
      ok(request)
    }),
  )
  sftp.on('MKDIR', (request, path) =>
    inOrder(request, async () => {
      await mkdir(await inside(folder, path))
      ok(request)
    }),
  )
  sftp.on('RMDIR', (request, path) =>
    inOrder(request, async () => {
      await rmdir(await inside(folder, path))
      ok(request)
    }),
  )
  sftp.on('RENAME', (request, from, to) =>
    inOrder(request, async () => {
      await renameExclusively(await inside(folder, from), await inside(folder, to))
      ok(request)
    }),
  )
  sftp.on('REALPATH', (request, path) =>
    inOrder(request, async () => {
      const name = `/${relative(path)}`
      sftp.name(request, [{ filename: name, longname: name, attrs: {} as ssh2.Attributes }])
    }),
  )

  return {
    async close() {
      await queue
      for (const opened of handles.values()) if ('file' in opened) await opened.file.close()
      handles.clear()
    },
  }
}

async function closeFile({ file, writable }: OpenFile): Promise<void> {
  try {
    if (writable) await file.sync()
  } finally {
    await file.close()
  }
}

/** The client's path without a leading slash, `.` and `..` resolved. @throws {Refusal} it climbs above the root. */
function relative(path: string): string {
  const normal = posix.normalize(path.replace(/^\/+/, '') || '.')
  if (normal === '..' || normal.startsWith('../') || normal.includes('\0')) {
    throw new Refusal(STATUS_CODE.PERMISSION_DENIED, 'the path leads out of the served folder')
  }
  return normal.replace(/\/$/, '')
}

/** The real path of a client's path. A link that leads out of the folder is refused as well. */
async function inside(folder: string, path: string): Promise<string> {
  const root = await realpath(folder)
  const name = relative(path)
  if (name === '.') return root
  const parent = await realpath(join(root, dirname(name)))
  if (parent !== root && !parent.startsWith(root + sep)) {
    throw new Refusal(STATUS_CODE.PERMISSION_DENIED, 'the path leads out of the served folder')
  }
  return join(parent, basename(name))
}

/** `link` fails where the name is taken, which a rename of the file system doesn't. Folders cannot be linked. */
async function renameExclusively(from: string, to: string): Promise<void> {
  if ((await lstat(from)).isDirectory()) {
    await mkdir(to)
    return rename(from, to)
  }
  await link(from, to)
  await unlink(from)
}

/** Links are not followed at the last step either. */
function nodeFlags(flags: number): number {
  const { READ, WRITE, CREAT, TRUNC, EXCL } = OPEN_MODE
  const has = (flag: number) => (flags & flag) !== 0
  const access = has(WRITE) ? (has(READ) ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY
  return (
    access |
    constants.O_NOFOLLOW |
    (has(CREAT) ? constants.O_CREAT : 0) |
    (has(TRUNC) ? constants.O_TRUNC : 0) |
    (has(EXCL) ? constants.O_EXCL : 0)
  )
}

const attributes = (stats: Stats): ssh2.Attributes => ({
  mode: stats.mode,
  uid: stats.uid,
  gid: stats.gid,
  size: stats.size,
  atime: Math.floor(stats.atimeMs / 1000),
  mtime: Math.floor(stats.mtimeMs / 1000),
})

async function entry(folder: string, name: string): Promise<ssh2.FileEntry> {
  const attrs = attributes(await lstat(join(folder, name)))
  return { filename: name, longname: name, attrs }
}

function refusal(error: unknown): [status: number, message: string] {
  if (error instanceof Refusal) return [error.status, error.message]
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') return [STATUS_CODE.NO_SUCH_FILE, code]
  if (code === 'EACCES' || code === 'EPERM' || code === 'ELOOP') return [STATUS_CODE.PERMISSION_DENIED, code]
  return [STATUS_CODE.FAILURE, code ?? (error as Error).message]
}

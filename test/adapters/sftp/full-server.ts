import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { generateEd25519Keys, parseKey } from '../../../src/adapters/sftp/ed25519-keys.ts'
import { serveFolder } from '../../../src/adapters/sftp/embedded-files.ts'
import { fingerprint } from '../../../src/adapters/sftp/host-key.ts'
import { offerExtensions, tellRoom } from './extensions.ts'
import { startRawServer } from './raw-server.ts'

export interface FullServerOptions {
  readonly folder: string
  /** Of all files below it together. */
  readonly capacityBytes: number
  /** Whether it has statvfs@openssh.com. */
  readonly tellsRoom: boolean
}

export interface FullServer {
  readonly port: number
  readonly hostKeyFingerprint: string
  capacityBytes: number
  /** Writes that it has refused for want of room. */
  readonly refused: number
  close(): Promise<void>
}

const failure = 4
const statvfs = 'statvfs@openssh.com'

/** An SFTP server on a real folder whose disk is full when it holds so much, as OpenSSH's on a small disk is. Needs no root. */
export async function startFullServer({ folder, tellsRoom, ...given }: FullServerOptions): Promise<FullServer> {
  let { capacityBytes } = given
  let refused = 0
  const hostKey = generateEd25519Keys().private
  /** How long files get by the writes that were taken, and are perhaps not on the disk yet. */
  const lengths = new Map<string, number>()
  const room = (): number => Math.max(capacityBytes - usedBytes(folder, lengths), 0)

  const raw = await startRawServer({
    hostKeys: [hostKey],
    onSftp(sftp) {
      const served = serveFolder(sftp, folder)
      sftp.on('close', () => void served.close())
      const opening = new Map<number, string>()
      const paths = new Map<string, string>()
      const status = sftp.status.bind(sftp)
      const handle = sftp.handle.bind(sftp)
      const emit = sftp.emit.bind(sftp) as (name: string, ...rest: unknown[]) => boolean
      Object.assign(sftp, {
        handle: (request: number, id: Buffer) => {
          paths.set(id.toString('hex'), join(folder, opening.get(request) ?? ''))
          handle(request, id)
        },
        emit: (name: string, request: number, ...rest: unknown[]) => {
          if (name === 'OPEN') opening.set(request, String(rest[0]))
          if (name === 'CLOSE') lengths.delete(paths.get((rest[0] as Buffer).toString('hex')) ?? '')
          if (name === 'EXTENDED' && rest[0] === statvfs) {
            tellRoom(sftp, request, room())
            return true
          }
          if (name !== 'WRITE') return emit(name, request, ...rest)
          const [id, position, { length }] = rest as [Buffer, number, Buffer]
          const path = paths.get(id.toString('hex')) ?? ''
          const now = Math.max(sizeOf(path), lengths.get(path) ?? 0)
          const then = Math.max(now, position + length)
          if (then - now > room()) {
            refused++
            // As OpenSSH does: it doesn't say why.
            status(request, failure, 'Failure')
            return true
          }
          lengths.set(path, then)
          return emit(name, request, ...rest)
        },
      })
      if (tellsRoom) offerExtensions(sftp, { [statvfs]: '2' })
    },
  })
  return {
    port: raw.port,
    hostKeyFingerprint: fingerprint(parseKey(hostKey).getPublicSSH()),
    get capacityBytes() {
      return capacityBytes
    },
    set capacityBytes(bytes) {
      capacityBytes = bytes
    },
    get refused() {
      return refused
    },
    close: () => raw.close(),
  }
}

/** At once, so that what is counted is what there is when a request comes. */
function usedBytes(folder: string, lengths: ReadonlyMap<string, number>): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) bytes += Math.max(sizeOf(path), lengths.get(path) ?? 0)
  }
  return bytes
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

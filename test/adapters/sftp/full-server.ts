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
  /** Taken, and perhaps not on the disk yet. */
  let underWay = 0
  const room = (): number => Math.max(capacityBytes - usedBytes(folder) - underWay, 0)

  const raw = await startRawServer({
    hostKeys: [hostKey],
    onSftp(sftp) {
      const served = serveFolder(sftp, folder)
      sftp.on('close', () => void served.close())
      const taken = new Map<number, number>()
      const status = sftp.status.bind(sftp)
      const emit = sftp.emit.bind(sftp) as (name: string, ...rest: unknown[]) => boolean
      Object.assign(sftp, {
        status: (request: number, code: number, message?: string) => {
          underWay -= taken.get(request) ?? 0
          taken.delete(request)
          status(request, code, message)
        },
        emit: (name: string, request: number, ...rest: unknown[]) => {
          if (name === 'EXTENDED' && rest[0] === statvfs) {
            tellRoom(sftp, request, room())
            return true
          }
          if (name !== 'WRITE') return emit(name, request, ...rest)
          const { length } = rest[2] as Buffer
          if (length > room()) {
            refused++
            // As OpenSSH does: it doesn't say why.
            status(request, failure, 'Failure')
            return true
          }
          taken.set(request, length)
          underWay += length
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
function usedBytes(folder: string): number {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

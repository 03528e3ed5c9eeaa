import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import type ssh2 from 'ssh2'
import { makeFolder } from '../make-folder.ts'
import { generateEd25519Keys, parseKey } from './ed25519-keys.ts'
import { serveFolder } from './embedded-files.ts'
import { fingerprint } from './host-key.ts'
import { createSshListener } from './ssh-listener.ts'

/** An SFTP server in this process, for the demo: on the loopback only, for one user, out of one real folder. */
export interface EmbeddedSftpServer {
  readonly host: string
  readonly port: number
  readonly username: string
  /** OpenSSH text; made for this server and known to nobody else. */
  readonly clientPrivateKey: string
  readonly hostKeyFingerprint: string
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

export interface EmbeddedSftpServerOptions {
  /** Created where it doesn't exist. */
  readonly folder: string
  /** 0, the default: any free port. */
  readonly port?: number
  /** OpenSSH text of the server's own key; a new ed25519 key without it. */
  readonly hostPrivateKey?: string
  /** Lets the user in by password too. */
  readonly password?: string
}

const username = 'belay'

/** A client has so long to end its connection by itself. */
const closeWithinMs = 500

export async function startEmbeddedSftpServer(options: EmbeddedSftpServerOptions): Promise<EmbeddedSftpServer> {
  const { folder, port = 0, password } = options
  await makeFolder(folder)
  const hostPrivateKey = options.hostPrivateKey ?? generateEd25519Keys().private
  const client = generateEd25519Keys()
  const allowedKey = parseKey(client.public)
  const connections = new Set<ssh2.Connection>()
  const server = createSshListener({ hostKeys: [hostPrivateKey] }, (connection) => {
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
    // A connection that breaks says so here and then closes; there is nothing to do about it.
    connection.on('error', () => connection.end())
    connection.on('authentication', (attempt) => {
      if (isAllowed(attempt, allowedKey, password)) attempt.accept()
      else attempt.reject(password === undefined ? ['publickey'] : ['publickey', 'password'])
    })
    connection.on('session', (accept) => {
      accept().on('sftp', (acceptSftp) => {
        const sftp = acceptSftp()
        const served = serveFolder(sftp, folder)
        sftp.on('error', () => connection.end())
        // What was open when the client went is closed; a file that cannot be closed has nobody left to be told.
        connection.on('close', () => void served.close().catch(() => undefined))
      })
    })
  })
  // Of clients that have not said a word too, which the library says nothing of.
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    username,
    clientPrivateKey: client.private,
    hostKeyFingerprint: fingerprint(parseKey(hostPrivateKey).getPublicSSH()),
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const connection of connections) connection.end()
      const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), closeWithinMs)
      await closed
      clearTimeout(cut)
    },
  }
}

function isAllowed(attempt: ssh2.AuthContext, key: ssh2.ParsedKey, password: string | undefined): boolean {
  if (attempt.username !== username) return false
  if (attempt.method === 'password') return password !== undefined && isEqual(attempt.password, password)
  if (attempt.method !== 'publickey') return false
  if (attempt.key.algo !== key.type || !key.getPublicSSH().equals(attempt.key.data)) return false
  // Without a signature the client only asks whether this key would do.
  const { blob, signature, hashAlgo } = attempt as ssh2.PublicKeyAuthContext & { hashAlgo?: string }
  return signature === undefined || (blob !== undefined && key.verify(blob, signature, hashAlgo))
}

function isEqual(found: string, expected: string): boolean {
  const [a, b] = [Buffer.from(found), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

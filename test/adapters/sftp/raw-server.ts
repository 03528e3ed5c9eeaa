import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type ssh2 from 'ssh2'
import { generateEd25519Keys } from '../../../src/adapters/sftp/ed25519-keys.ts'
import { createSshListener } from '../../../src/adapters/sftp/ssh-listener.ts'

export interface RawServerOptions {
  readonly hostKeys?: readonly string[]
  /** Lets everybody in without it. */
  readonly onAuthentication?: (attempt: ssh2.AuthContext) => void
  /** The ciphers that a client may choose from, where not all. */
  readonly ciphers?: readonly ssh2.CipherAlgorithm[]
  /** What was agreed on with each client. */
  readonly onHandshake?: (negotiated: ssh2.NegotiatedAlgorithms) => void
  /** Of one connection, which ends when it is asked for more, and these are ready. */
  readonly mostChannels?: number
  /** Answers requests, rightly or not; every session has one. */
  readonly onSftp?: (sftp: ssh2.SFTPWrapper) => void
}

export interface RawServer {
  readonly port: number
  /** Connections that are open. */
  readonly connections: number
  /** The channels of each connection so far: how many it was asked for, and how many were ready. */
  readonly channels: readonly { readonly asked: number; readonly ready: number }[]
  close(): Promise<void>
}

/** An SSH server whose every answer the test gives itself. */
export async function startRawServer(options: RawServerOptions): Promise<RawServer> {
  const hostKeys = [...(options.hostKeys ?? [generateEd25519Keys().private])]
  const connections = new Set<ssh2.Connection>()
  const channels: { asked: number; ready: number }[] = []
  const algorithms = options.ciphers && { cipher: [...options.ciphers] }
  const server = createSshListener({ hostKeys, ...(algorithms && { algorithms }) }, (connection) => {
    if (options.onHandshake) connection.on('handshake', options.onHandshake)
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
    connection.on('error', () => connection.end())
    connection.on('authentication', options.onAuthentication ?? ((attempt) => attempt.accept()))
    const { mostChannels: most = Infinity } = options
    const count = { asked: 0, ready: 0 }
    channels.push(count)
    const endIfMany = (): void => {
      if (count.ready === most && count.asked > most) connection.end()
    }
    connection.on('session', (accept) => {
      if (++count.asked > most) return endIfMany()
      accept().on('sftp', (acceptSftp) => {
        const sftp = acceptSftp()
        sftp.on('ready', () => {
          count.ready++
          endIfMany()
        })
        sftp.on('error', () => connection.end())
        options.onSftp?.(sftp)
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections.size
    },
    channels,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const connection of connections) connection.end()
      await closed
    },
  }
}

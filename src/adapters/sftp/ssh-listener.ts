import { createServer, type Server } from 'node:net'
import ssh2 from 'ssh2'

/**
 * Listens for clients of SSH, each a connection of the library's. The library's own listener would hold each small answer back
 * until the one before it is acknowledged, which takes the client 40 ms.
 */
export function createSshListener(config: ssh2.ServerConfig, onConnection: ssh2.ServerConnectionListener): Server {
  const protocol = new ssh2.Server(config, onConnection)
  return createServer({ noDelay: true }, (socket) => protocol.injectSocket(socket))
}

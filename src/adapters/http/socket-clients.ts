import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

export interface SocketClientsOptions {
  /** Connections at once; one more is told so, and closed. */
  readonly limit: number
  /** The longest message that is read, in bytes; a longer one ends the connection. */
  readonly longestMessage: number
  /** What may wait in one connection before messages are left out, in bytes. */
  readonly backlog: number
  /** A client is asked for a sign of life this often, and is gone if it has not answered by the next time. */
  readonly pingEveryMs: number
}

/** How long a client has to answer a close before its socket is cut. */
const closeWithinMs = 500

/** The WebSockets of one address, from their upgrade to their end. No client is ever waited for. */
export class SocketClients {
  readonly #server: WebSocketServer
  readonly #sockets = new Set<WebSocket>()

  constructor(private readonly options: SocketClientsOptions) {
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: options.longestMessage,
      perMessageDeflate: false,
    })
  }

  get size(): number {
    return this.#sockets.size
  }

  /** Takes over a request that has passed every check, and says whether it is served; `onGone` is called once the client is gone. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    { onClient, onGone }: { readonly onClient: (client: WebSocket) => void; readonly onGone: () => void },
  ): boolean {
    const isServed = this.size < this.options.limit
    this.#server.handleUpgrade(request, socket, head, (client) => {
      if (!isServed) return this.#turnAway(client)
      this.#keep(client, onGone)
      onClient(client)
    })
    return isServed
  }

  /**
   * Sends to one client, or says `false`: while more than the backlog waits in it, messages are left out, and `anew` makes what
   * comes instead of the one with which it is let in again. It is let in with the next message, or with its next sign of life.
   */
  sender(client: WebSocket, anew: () => void): (text: string) => boolean {
    let isBehind = false
    const hasCaughtUp = (): boolean => {
      if (!isBehind || client.bufferedAmount > 0) return false
      isBehind = false
      anew()
      return true
    }
    client.on('pong', hasCaughtUp)
    return (text) => {
      if (hasCaughtUp()) return false
      isBehind ||= client.bufferedAmount > this.options.backlog
      if (!isBehind) client.send(text)
      return !isBehind
    }
  }

  /** Says good-bye and resolves when every socket is gone, within half a second. */
  async close(): Promise<void> {
    const sockets = [...this.#sockets]
    const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const socket of sockets) socket.close(1001, 'the daemon stops serving')
    const cut = setTimeout(() => sockets.forEach((socket) => socket.terminate()), closeWithinMs)
    await Promise.all(gone)
    clearTimeout(cut)
  }

  /** A browser shows a page the words of a close, and nothing of an answer without one. */
  #turnAway(client: WebSocket): void {
    client.on('error', () => client.terminate())
    client.close(1013, `${this.options.limit} are connected already, and no more are served`)
    const cut = setTimeout(() => client.terminate(), closeWithinMs)
    client.on('close', () => clearTimeout(cut))
  }

  #keep(client: WebSocket, onGone: () => void): void {
    this.#sockets.add(client)
    let isAlive = true
    client.on('pong', () => (isAlive = true))
    // A broken connection or a malformed frame ends this client only; `close` follows.
    client.on('error', () => client.terminate())
    const ping = setInterval(() => {
      if (!isAlive) return client.terminate()
      isAlive = false
      client.ping()
    }, this.options.pingEveryMs)
    client.on('close', () => {
      clearInterval(ping)
      this.#sockets.delete(client)
      onGone()
    })
  }
}

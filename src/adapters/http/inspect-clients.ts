import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { InspectBridge } from '../../inspection-feed/inspect-bridge.ts'

export interface InspectClientsOptions {
  readonly bridge: Pick<InspectBridge, 'attach' | 'introduce'>
  /** Connections at once; one more is refused. */
  readonly limit: number
  /** What may wait in one connection before messages are left out, in bytes. */
  readonly backlog: number
  readonly pingEveryMs: number
}

/** `xstate.inspecting`; a command is longer, and refused. */
const longestMessage = 4_096
const closeWithinMs = 500

/** The WebSockets of `/inspect`, for receivers of @xstate/inspect. They may look; what they want done is refused. */
export class InspectClients {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false })
  readonly #sockets = new Set<WebSocket>()

  constructor(private readonly options: InspectClientsOptions) {}

  get isFull(): boolean {
    return this.#sockets.size >= this.options.limit
  }

  /** Takes over a request that has passed every check. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client))
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

  #serve(client: WebSocket): void {
    const { bridge, backlog, pingEveryMs } = this.options
    this.#sockets.add(client)
    let behind = false
    let alive = true
    let detach: (() => void) | undefined

    const send = (text: string): void => client.send(text)
    const listener = (text: string): void => {
      if (behind && client.bufferedAmount === 0) {
        behind = false
        // The protocol has no word for a lost place; registered anew, each machine is where it is now.
        bridge.introduce(send)
        return
      }
      behind ||= client.bufferedAmount > backlog
      if (!behind) send(text)
    }
    client.on('message', (data: Buffer, isBinary) => {
      switch (isBinary ? undefined : typeOf(data)) {
        case 'xstate.inspecting':
          detach ??= bridge.attach(listener)
          return
        case 'xstate.event':
          return client.close(1008, 'commands are off')
        default:
          return client.close(1008, 'expected xstate.inspecting')
      }
    })
    client.on('pong', () => (alive = true))
    // A broken connection or a malformed frame ends this client only; `close` follows.
    client.on('error', () => client.terminate())
    const ping = setInterval(() => {
      if (!alive) return client.terminate()
      alive = false
      client.ping()
    }, pingEveryMs)
    client.on('close', () => {
      clearInterval(ping)
      detach?.()
      this.#sockets.delete(client)
    })
  }
}

function typeOf(data: Buffer): unknown {
  try {
    return (JSON.parse(data.toString('utf8')) as { readonly type?: unknown } | null)?.type
  } catch {
    return undefined
  }
}

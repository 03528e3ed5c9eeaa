import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { InspectBridge } from '../../inspection-feed/inspect-bridge.ts'
import type { InspectCommands } from './inspect-commands.ts'
import type { Role } from './key-ring.ts'

export interface InspectClientsOptions {
  readonly bridge: Pick<InspectBridge, 'attach' | 'introduce'>
  readonly commands: InspectCommands
  /** Connections at once; one more is refused. */
  readonly limit: number
  /** What may wait in one connection before messages are left out, in bytes. */
  readonly backlog: number
  readonly pingEveryMs: number
  /** A command has failed: a bug. */
  readonly onFailure: (error: unknown) => void
}

/** Of `xstate.inspecting` and of every command; a longer message ends the connection unread. */
const longestMessage = 4_096
const closeWithinMs = 500

/** The WebSockets of `/inspect`, for receivers of @xstate/inspect. They may look; what they want done has to be configured and authorised. */
export class InspectClients {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false })
  readonly #sockets = new Set<WebSocket>()

  constructor(private readonly options: InspectClientsOptions) {}

  get isFull(): boolean {
    return this.#sockets.size >= this.options.limit
  }

  /** Takes over a request that has passed every check; `role`: what its token is for. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, role: Role): void {
    const { remoteAddress = 'unknown' } = request.socket
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client, { role, by: remoteAddress }))
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

  #serve(client: WebSocket, asker: { readonly role: Role; readonly by: string }): void {
    const { bridge, backlog, pingEveryMs, commands, onFailure } = this.options
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
    const carryOut = commands.for(asker, { answer: send, refuse: (why) => client.close(1008, why) })
    client.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? {} : read(data)
      switch (message.type) {
        case 'xstate.inspecting':
          detach ??= bridge.attach(listener)
          return
        case 'xstate.event':
          carryOut(message).catch((bug: unknown) => {
            client.close(1011, 'the command failed')
            onFailure(bug)
          })
          return
        default:
          return client.close(1008, 'expected xstate.inspecting or xstate.event')
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

interface Message {
  readonly type?: unknown
  readonly event?: unknown
  readonly service?: unknown
}

function read(data: Buffer): Message {
  try {
    return (JSON.parse(data.toString('utf8')) as Message | null) ?? {}
  } catch {
    return {}
  }
}

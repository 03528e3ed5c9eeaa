import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { InspectBridge } from '../../inspection-feed/inspect-bridge.ts'
import type { Asker, InspectCommands } from './inspect-commands.ts'
import type { Role } from './key-ring.ts'
import { SocketClients, type SocketClientsOptions } from './socket-clients.ts'

export interface InspectClientsOptions extends Omit<SocketClientsOptions, 'longestMessage'> {
  readonly bridge: Pick<InspectBridge, 'attach' | 'introduce'>
  readonly commands: InspectCommands
  /** A command has failed: a bug. */
  readonly onFailure: (error: unknown) => void
}

/** Of `xstate.inspecting` and of every command. */
const longestMessage = 4_096

/** The WebSockets of `/inspect`, for receivers of @xstate/inspect. They may look; what they want done has to be configured and authorised. */
export class InspectClients {
  readonly #clients: SocketClients

  constructor(private readonly options: InspectClientsOptions) {
    this.#clients = new SocketClients({ ...options, longestMessage })
  }

  /** Takes over a request that has passed every check; `role`: what its token is for. False where there is no room for one more. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, role: Role): boolean {
    const { remoteAddress = 'unknown' } = request.socket
    let detach = (): void => {}
    return this.#clients.accept(request, socket, head, {
      onClient: (client) => (detach = this.#serve(client, { role, by: remoteAddress })),
      onGone: () => detach(),
    })
  }

  /** Says good-bye and resolves when every socket is gone, within half a second. */
  close(): Promise<void> {
    return this.#clients.close()
  }

  /** Returns the way to end it. */
  #serve(client: WebSocket, asker: Asker): () => void {
    const { bridge, commands, onFailure } = this.options
    const answer = (text: string): void => client.send(text)
    const always = (text: string): boolean => {
      answer(text)
      return true
    }
    // The protocol has no word for a lost place; registered anew, each machine is where it is now.
    const send = this.#clients.sender(client, () => bridge.introduce(send, always))
    const carryOut = commands.for(asker, { answer, refuse: (why) => client.close(1008, why) })
    let detach: (() => void) | undefined
    client.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? {} : read(data)
      switch (message.type) {
        case 'xstate.inspecting':
          detach ??= bridge.attach(send)
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
    return () => detach?.()
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

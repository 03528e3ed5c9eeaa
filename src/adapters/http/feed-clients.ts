import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Feed, ResumePoint } from '../../inspection-feed/feed.ts'
import { epochMs } from '../../domain/units.ts'

export interface FeedClientsOptions {
  readonly feed: Feed
  /** Connections at once; one more is refused. */
  readonly limit: number
  /** What may wait in one connection before messages are left out, in bytes. */
  readonly backlog: number
  /** A client is asked for a sign of life this often, and is gone if it has not answered by the next time. */
  readonly pingEveryMs: number
  /** The feed has failed: a bug. */
  readonly onFailure: (error: unknown) => void
}

/** Clients say nothing; a few bytes leave room for a close reason. */
const longestMessage = 256
/** How long a client has to answer a close before its socket is cut. */
const closeWithinMs = 500

/** The WebSockets of `/feed`. No client is ever waited for: one that is slow loses its place and then gets a fresh snapshot. */
export class FeedClients {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false })
  readonly #sockets = new Set<WebSocket>()

  constructor(private readonly options: FeedClientsOptions) {}

  get size(): number {
    return this.#sockets.size
  }

  get isFull(): boolean {
    return this.size >= this.options.limit
  }

  /** Takes over a request that has passed every check. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => this.#serve(client, resumePoint(request)))
  }

  /** Tells what has happened since the last message, says good-bye, and resolves when every socket is gone, within half a second. */
  async close(): Promise<void> {
    this.options.feed.flush()
    const sockets = [...this.#sockets]
    const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const socket of sockets) socket.close(1001, 'the daemon stops serving')
    const cut = setTimeout(() => sockets.forEach((socket) => socket.terminate()), closeWithinMs)
    await Promise.all(gone)
    clearTimeout(cut)
  }

  #serve(client: WebSocket, resume: ResumePoint | undefined): void {
    const { feed, backlog, pingEveryMs, onFailure } = this.options
    this.#sockets.add(client)
    let behind = false
    let alive = true
    let unsubscribe = (): void => {}

    client.on('pong', () => (alive = true))
    client.on('message', () => client.close(1008, 'this feed takes no messages'))
    // A broken connection or a malformed frame ends this client only; `close` follows.
    client.on('error', () => client.terminate())
    const ping = setInterval(() => {
      if (!alive) return client.terminate()
      alive = false
      client.ping()
    }, pingEveryMs)
    client.on('close', () => {
      clearInterval(ping)
      unsubscribe()
      this.#sockets.delete(client)
    })

    const failed = (error: unknown): void => {
      client.close(1011, 'the feed failed')
      onFailure(error)
    }
    const message = ({ text }: { readonly text: string }): void => {
      if (behind && client.bufferedAmount === 0) {
        behind = false
        client.send(feed.snapshot('too-slow').text)
        return
      }
      behind ||= client.bufferedAmount > backlog
      if (!behind) client.send(text)
    }
    try {
      unsubscribe = feed.subscribe({ message, failed }, resume)
    } catch (error) {
      failed(error)
    }
  }
}

/** `/feed?startedAt=1763777316123&sequence=42`: where a client that comes back wants to go on. */
function resumePoint(request: IncomingMessage): ResumePoint | undefined {
  const query = new URLSearchParams(request.url?.split('?', 2)[1])
  const [startedAt, sequence] = [query.get('startedAt'), query.get('sequence')]
  if (startedAt === null || sequence === null) return undefined
  return { startedAt: epochMs(Number(startedAt)), sequence: Number(sequence) }
}

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { epochMs } from '../../domain/units.ts'
import type { Feed, ResumePoint } from '../../inspection-feed/feed.ts'
import { SocketClients, type SocketClientsOptions } from './socket-clients.ts'

export interface FeedClientsOptions extends Omit<SocketClientsOptions, 'longestMessage'> {
  readonly feed: Feed
  /** The feed has failed: a bug. */
  readonly onFailure: (error: unknown) => void
}

/** Clients say nothing; a few bytes leave room for a close reason. */
const longestMessage = 256

/** The WebSockets of `/feed`. One that is slow loses its place and then gets a fresh snapshot. */
export class FeedClients {
  readonly #clients: SocketClients

  constructor(private readonly options: FeedClientsOptions) {
    this.#clients = new SocketClients({ ...options, longestMessage })
  }

  get size(): number {
    return this.#clients.size
  }

  /** Takes over a request that has passed every check; false where there is no room for one more. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    let unsubscribe = (): void => {}
    return this.#clients.accept(request, socket, head, {
      onClient: (client) => (unsubscribe = this.#subscribe(client, resumePoint(request))),
      onGone: () => unsubscribe(),
    })
  }

  /** Tells what has happened since the last message, says good-bye, and resolves when every socket is gone, within half a second. */
  close(): Promise<void> {
    this.options.feed.flush()
    return this.#clients.close()
  }

  #subscribe(client: WebSocket, resume: ResumePoint | undefined): () => void {
    const { feed, onFailure } = this.options
    client.on('message', () => client.close(1008, 'this feed takes no messages'))
    const send = this.#clients.sender(client, () => client.send(feed.snapshot('too-slow').text))
    const failed = (error: unknown): void => {
      client.close(1011, 'the feed failed')
      onFailure(error)
    }
    try {
      return feed.subscribe({ message: ({ text }) => send(text), failed }, resume)
    } catch (error) {
      failed(error)
      return () => {}
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

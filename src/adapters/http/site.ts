import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify, { type FastifyInstance } from 'fastify'
import type { Feed } from '../../inspection-feed/feed.ts'
import type { InspectBridge } from '../../inspection-feed/inspect-bridge.ts'
import { Access } from './access.ts'
import { FeedClients } from './feed-clients.ts'
import { addGuards, refuse } from './guards.ts'
import type { HttpLimits } from './http-limits.ts'
import { InspectClients } from './inspect-clients.ts'
import type { HttpView } from './http-view.ts'
import type { PageFiles } from './page-files.ts'
import { addRoutes } from './routes.ts'
import { securityHeaders } from './security-headers.ts'

export interface SiteOptions {
  readonly host: string
  readonly token: string | undefined
  readonly view: HttpView
  readonly feed: Feed
  readonly inspect: Pick<InspectBridge, 'attach' | 'introduce'>
  readonly page: PageFiles
  readonly limits: HttpLimits
}

/** One life of the server: listens once, is closed once. */
export class Site {
  readonly #app: FastifyInstance
  readonly #access: Access
  readonly #clients: FeedClients
  readonly #inspectors: InspectClients
  readonly #limits: HttpLimits
  readonly #ended: Promise<void>
  #end = (): void => {}
  #fail = (_bug: unknown): void => {}
  #closing: Promise<void> | undefined

  constructor(private readonly options: SiteOptions) {
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    this.#limits = options.limits
    this.#access = new Access(options)
    this.#clients = new FeedClients({
      feed: options.feed,
      limit: this.#limits.feedClients,
      backlog: this.#limits.feedBacklog,
      pingEveryMs: this.#limits.pingEveryMs,
      onFailure: (bug) => this.#fail(bug),
    })
    this.#inspectors = new InspectClients({
      bridge: options.inspect,
      limit: this.#limits.inspectClients,
      backlog: this.#limits.feedBacklog,
      pingEveryMs: this.#limits.pingEveryMs,
    })
    this.#app = this.#makeApp()
  }

  /** @throws what the operating system says. */
  async listen(port: number): Promise<number> {
    await this.#app.listen({ host: this.options.host, port })
    return (this.#app.server.address() as AddressInfo).port
  }

  /** Resolves once closed; rejects with the first bug of what is shown. Only to be asked for once it listens. */
  get ended(): Promise<void> {
    return this.#ended
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#clients.close(), this.#inspectors.close(), this.#app.close()]).then(() =>
      this.#end(),
    )
    return this.#closing
  }

  #makeApp(): FastifyInstance {
    const { requestMs, connections } = this.#limits
    const app = fastify({
      exposeHeadRoutes: false,
      bodyLimit: 1,
      requestTimeout: requestMs,
      connectionTimeout: 4 * requestMs,
      forceCloseConnections: true,
      http: {
        headersTimeout: requestMs,
        connectionsCheckingInterval: Math.min(1_000, requestMs),
        maxHeaderSize: 8_192,
      },
      frameworkErrors: (_error, _request, reply) => void refuse(reply, 400, 'The request cannot be understood.'),
    })
    app.server.maxConnections = connections
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    )
    addGuards(app, this.#access, (bug) => this.#fail(bug))
    addRoutes(app, this.options.view, this.options.page)
    return app
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A client that is gone before it was answered is no failure of ours.
    socket.on('error', () => socket.destroy())
    const refusal = this.#access.refusal(request)
    if (refusal !== undefined) return turnAway(socket, refusal.status)
    if (!this.#access.isOwnOrigin(request)) return turnAway(socket, 403)
    const clients = this.#clientsOf(request)
    if (clients === undefined) return turnAway(socket, 404)
    if (this.#closing !== undefined || clients.isFull) return turnAway(socket, 503)
    clients.accept(request, socket, head)
  }

  #clientsOf({ url }: IncomingMessage): FeedClients | InspectClients | undefined {
    const path = url?.split('?', 1)[0]
    if (path === '/feed') return this.#clients
    return path === '/inspect' ? this.#inspectors : undefined
  }
}

function turnAway(socket: Duplex, status: number): void {
  const headers = Object.entries({ ...securityHeaders, connection: 'close', 'content-length': '0' })
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n`, () => socket.destroy())
}

import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify, { type FastifyInstance } from 'fastify'
import type { CommandType } from '../../domain/command-type.ts'
import type { Shown } from '../../inspection-feed/shown.ts'
import type { Log } from '../../ports/log.ts'
import type { Previews } from '../preview/previews.ts'
import { Access, isRefused } from './access.ts'
import { FeedClients } from './feed-clients.ts'
import { addGuards, refuse } from './guards.ts'
import { addCommands } from './command-routes.ts'
import type { HttpCounters, HttpFigures } from './http-figures.ts'
import type { HttpLimits } from './http-limits.ts'
import type { TokenHashes } from './key-ring.ts'
import { InspectClients } from './inspect-clients.ts'
import { InspectCommands } from './inspect-commands.ts'
import { isForWebSocket, OrdinaryRequests } from './ordinary-request.ts'
import type { PageFiles } from './page-files.ts'
import { addMetrics } from './metrics-route.ts'
import { addPreview } from './preview-route.ts'
import { addFileRoutes } from './file-routes.ts'
import { addRoutes } from './routes.ts'
import { addTrends } from './trend-routes.ts'
import { answerRaw, refuseUnread } from './raw-answer.ts'

export interface SiteOptions {
  readonly host: string
  readonly tokens: TokenHashes
  readonly shown: Shown
  /** What receivers at `/inspect` may have done. */
  readonly inspectCommands: readonly CommandType[]
  readonly log: Log
  readonly page: PageFiles
  readonly previews: Previews
  readonly limits: HttpLimits
  readonly counters: HttpCounters
}

/** One life of the server: listens once, is closed once. */
export class Site {
  readonly #app: FastifyInstance
  readonly #access: Access
  readonly #clients: FeedClients
  readonly #inspectors: InspectClients
  readonly #limits: HttpLimits
  /** Connections that have asked for another protocol: Node neither watches nor closes them any more. */
  readonly #handedOver = new Set<Duplex>()
  readonly #ended: Promise<void>
  #end = (): void => {}
  #fail = (_bug: unknown): void => {}
  #closing: Promise<void> | undefined

  constructor(private readonly options: SiteOptions) {
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve
      this.#fail = reject
    })
    const { shown, limits, inspectCommands, log } = options
    const { feed, inspect, operate } = shown
    this.#limits = limits
    this.#access = new Access({ ...options, failureDelayMs: limits.failureDelayMs })
    const clients = {
      backlog: limits.feedBacklog,
      pingEveryMs: limits.pingEveryMs,
      onFailure: (bug: unknown) => this.#fail(bug),
    }
    this.#clients = new FeedClients({ ...clients, feed, limit: limits.feedClients })
    this.#inspectors = new InspectClients({
      ...clients,
      bridge: inspect,
      commands: new InspectCommands({ allowed: inspectCommands, bridge: inspect, operate, log }),
      limit: limits.inspectClients,
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
    this.#closing ??= Promise.all([this.#closeHandedOver(), this.#app.close()]).then(() => this.#end())
    return this.#closing
  }

  async #closeHandedOver(): Promise<void> {
    await Promise.all([this.#clients.close(), this.#inspectors.close()])
    for (const socket of this.#handedOver) socket.destroy()
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
        // The guards look at it: Node's own answer is counted nowhere.
        requireHostHeader: false,
      },
      clientErrorHandler: (error, socket) => {
        const status = refuseUnread(error, socket)
        if (status !== undefined) this.options.counters.responded(status)
      },
      frameworkErrors: (_error, _request, reply) => void refuse(reply, 400, 'The request cannot be understood.'),
    })
    app.server.maxConnections = connections
    this.#count(app)
    const ordinary = new OrdinaryRequests(app.server)
    // What else may be expected than to go on is not looked at (RFC 9110, 10.1.1).
    app.server.on('checkExpectation', (...given: unknown[]) => app.server.emit('request', ...given))
    app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (this.#closing !== undefined) return void socket.destroy()
      this.#takeOver(socket)
      if (!isForWebSocket(request)) return ordinary.take(request, socket, head)
      // No WebSocket begins in the middle of an answer, and no client waits for less than its end.
      if (ordinary.isBusy(socket)) return void socket.destroy()
      this.#upgrade(request, socket, head).catch((bug: unknown) => {
        answerRaw(socket, 500)
        this.#fail(bug)
      })
    })
    addGuards(app, this.#access, this.options.log, (bug) => this.#fail(bug))
    const { shown, page, previews } = this.options
    addRoutes(app, shown, page)
    addFileRoutes(app, shown.files)
    addTrends(app, shown)
    addCommands(app, shown.operate)
    addPreview(app, previews)
    addMetrics(app, shown, () => this.#figures)
    return app
  }

  #count(app: FastifyInstance): void {
    const { counters } = this.options
    const counted = new WeakSet<Socket>()
    app.server.on('connection', (socket: Socket) => {
      // It comes again where its request is taken as an ordinary one.
      if (counted.has(socket)) return
      counted.add(socket)
      counters.connections++
      socket.on('close', () => counters.connections--)
    })
    app.server.on('drop', () => counters.connectionsCut++)
    app.addHook('onResponse', async (_request, reply) => counters.responded(reply.statusCode))
  }

  /** A client that is gone before it was answered, or takes no answer, is no failure of ours. */
  #takeOver(socket: Duplex): void {
    if (this.#handedOver.has(socket)) return
    this.#handedOver.add(socket)
    socket.once('close', () => this.#handedOver.delete(socket))
    for (const event of ['error', 'timeout']) socket.on(event, () => socket.destroy())
  }

  get #figures(): HttpFigures {
    const { responses, connections, connectionsCut, feedsRefused } = this.options.counters
    return { responses, connections, connectionsCut, feedsRefused, feedClients: this.#clients.size }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const token = tokenOf(request)
    const admission = await (token === null ? this.#access.admit(request) : this.#access.admitToken(token, request))
    if (socket.destroyed) return
    if (isRefused(admission)) return this.#turnAway(socket, admission.status)
    const clients = this.#clientsFor(request)
    if (typeof clients === 'number') return this.#turnAway(socket, clients)
    if (!clients.accept(request, socket, head, admission.role)) this.options.counters.feedsRefused++
  }

  #turnAway(socket: Duplex, status: number): void {
    this.options.counters.feedsRefused++
    answerRaw(socket, status)
  }

  /** Who takes a WebSocket that may look, or the status with which it is turned away all the same. */
  #clientsFor(request: IncomingMessage): FeedClients | InspectClients | number {
    if (!this.#access.isOwnOrigin(request)) return 403
    const path = request.url?.split('?', 1)[0]
    const clients = path === '/feed' ? this.#clients : path === '/inspect' ? this.#inspectors : undefined
    if (clients === undefined) return 404
    return this.#closing !== undefined ? 503 : clients
  }
}

/** `ws://…/inspect?token=…`: the package's receiver can send no header, and its address is in nobody's history. */
const tokenOf = ({ url }: IncomingMessage): string | null => new URLSearchParams(url?.split('?', 2)[1]).get('token')

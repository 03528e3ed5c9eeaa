import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

/** Whether a request that Node takes for an upgrade asks for what we speak. */
export const isForWebSocket = ({ headers: { upgrade = '' } }: IncomingMessage): boolean =>
  upgrade.toLowerCase() === 'websocket'

/**
 * Answers a request as if it had not asked for another protocol: curl and Java ask for HTTP/2 by themselves, and a server may
 * ignore that (RFC 9110, 7.8). Node hands each such request to whoever waits for upgrades and has read its head only; it is read
 * once more, without the wish.
 */
export class OrdinaryRequests {
  /** The answers that each connection waits for, in their order. */
  readonly #unfinished = new WeakMap<Duplex, Set<ServerResponse>>()

  constructor(private readonly server: Server) {
    server.on('request', ({ socket }: IncomingMessage, answer: ServerResponse) => {
      const answers = this.#unfinished.get(socket) ?? new Set()
      this.#unfinished.set(socket, answers.add(answer))
      answer.once('close', () => answers.delete(answer))
    })
  }

  /** Whether an answer still goes out on this connection, or waits for its turn. */
  isBusy(socket: Duplex): boolean {
    return (this.#unfinished.get(socket)?.size ?? 0) > 0
  }

  take(request: IncomingMessage, socket: Duplex, rest: Buffer): void {
    const answers = this.#unfinished.get(socket) ?? new Set()
    const last = [...answers].at(-1)
    if (last === undefined) return this.#readAgain(request, socket, rest)
    // Two answers on one connection at a time, and it would hang; meanwhile nobody else tells the first that it may go on.
    const goOn = (): void => void [...answers][0]?.emit('drain')
    socket.on('drain', goOn)
    last.once('close', () => {
      socket.off('drain', goOn)
      this.#readAgain(request, socket, rest)
    })
  }

  #readAgain(request: IncomingMessage, socket: Duplex, rest: Buffer): void {
    if (socket.destroyed || socket.readableEnded) return void socket.destroy()
    socket.unshift(Buffer.concat([Buffer.from(headOf(request), 'latin1'), rest]))
    this.server.emit('connection', socket)
  }
}

const wishes = /^(?:upgrade|http2-settings)$/i

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    if (wishes.test(name)) continue
    const isConnection = name.toLowerCase() === 'connection'
    lines.push(`${name}: ${isConnection ? withoutWishes(value) : value}`)
  }
  return `${lines.join('\r\n')}\r\n\r\n`
}

const withoutWishes = (connection: string): string =>
  connection
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !wishes.test(option))
    .join(', ')

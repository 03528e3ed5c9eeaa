import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a line does to what goes over it, both ways. May be changed at any time. */
export interface LineFaults {
  /** Each way. */
  delayMs: number
  /** Of each connection, each way. */
  bytesPerSecond: number
  /** Each connection is cut after so many bytes towards the server, wherever in a packet that is. */
  cutAfterBytes: number
  /** Nothing passes any longer, and nobody is told. */
  silent: boolean
}

export interface TcpProxy extends LineFaults {
  readonly port: number
  /** Connections that were made so far. */
  readonly connections: number
  close(): Promise<void>
}

/** A line to a port on 127.0.0.1 that is as bad as a test wants it. */
export async function startTcpProxy(target: number, faults: Partial<LineFaults> = {}): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((client) => {
    connections++
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    let sent = 0
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    pass(client, upstream, proxy, (bytes) => {
      const left = proxy.cutAfterBytes - sent
      sent += bytes.length
      return left >= bytes.length ? bytes : (setImmediate(cut), bytes.subarray(0, Math.max(0, left)))
    })
    pass(upstream, client, proxy, (bytes) => bytes)
  })
  const proxy: TcpProxy = {
    ...{ delayMs: 0, bytesPerSecond: Infinity, cutAfterBytes: Infinity, silent: false },
    ...faults,
    port: 0,
    get connections() {
      return connections
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.defineProperty(proxy, 'port', { value: (server.address() as AddressInfo).port })
}

/** In order, however late: each piece leaves `delayMs` after it came, and not before the one ahead of it is through. */
function pass(from: Socket, to: Socket, line: LineFaults, take: (bytes: Buffer) => Buffer): void {
  const pieces: { readonly bytes: Buffer; readonly at: number }[] = []
  let through = 0
  let waiting = 0
  let isOver = false
  const pump = (): void => {
    for (let piece = pieces[0]; piece !== undefined; piece = pieces[0]) {
      const wait = piece.at - performance.now()
      if (wait > 0) return void setTimeout(pump, Math.ceil(wait))
      pieces.shift()
      waiting -= piece.bytes.length
      if (!to.destroyed && !line.silent) to.write(piece.bytes)
      if (waiting <= mostWaiting) from.resume()
    }
    if (isOver) to.destroy()
  }
  from.on('data', (all: Buffer) => {
    if (line.silent) return
    const bytes = take(all)
    through = Math.max(performance.now() + line.delayMs, through) + (bytes.length / line.bytesPerSecond) * 1000
    pieces.push({ bytes, at: through })
    // A slow line fills up: the sender is not read on beyond a little.
    if ((waiting += bytes.length) > mostWaiting) from.pause()
    // Otherwise a timer is set already.
    if (pieces.length === 1) pump()
  })
  from.on('close', () => {
    isOver = true
    if (pieces.length === 0) to.destroy()
  })
}

const mostWaiting = 262_144

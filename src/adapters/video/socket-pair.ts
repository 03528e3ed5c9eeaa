import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type OnReadOpts, type Socket } from 'node:net'

export interface SocketPair {
  /** Reads as `onread` says. */
  readonly ours: Socket
  /** For another program: nothing has been read from it. */
  readonly theirs: Socket
}

/**
 * Two sockets that are connected with each other, as socketpair(2) makes them; Node has no call for it, and the sockets that `spawn` makes
 * cannot be told where to read to.
 *
 * They meet under a name that nobody can guess, in Linux's abstract namespace: there is no file to be left behind.
 *
 * @throws {NodeJS.ErrnoException} there are too many open files.
 */
export async function socketPair(onread: OnReadOpts): Promise<SocketPair> {
  const name = `\0belay-${randomUUID()}`
  const server = createServer({ pauseOnConnect: true }).listen({ path: name, backlog: 1 })
  await once(server, 'listening')
  const ours = connect({ path: name, onread })
  const closed = new AbortController()
  ours.once('close', () => closed.abort())
  try {
    const [[theirs]] = (await Promise.all([
      once(server, 'connection', { signal: closed.signal }),
      once(ours, 'connect'),
    ])) as [[Socket], unknown]
    return { ours, theirs }
  } catch (error) {
    ours.destroy()
    throw error
  } finally {
    server.close()
  }
}

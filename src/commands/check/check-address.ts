import { once } from 'node:events'
import { createServer, isIPv6 } from 'node:net'
import { folderHolder } from '../../adapters/manifest/folder-lock.ts'
import { OperatingError } from '../../domain/errors.ts'
import { HttpBindError, HttpPortTakenError } from '../../domain/http-errors.ts'
import { inAnothersFolder, systemUsers } from '../manifest/folder-owner.ts'
import type { AddressToCheck } from './check-http.ts'

/** An address of this machine, for a daemon on `dataFolder`. */
export const systemAddress = (host: string, port: number, dataFolder: string): AddressToCheck => ({
  host,
  port,
  async take() {
    const server = createServer((socket) => socket.destroy())
    try {
      server.listen({ host, port })
      await once(server, 'listening')
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE') throw new HttpPortTakenError(host, port, { cause: error })
      if (code !== undefined && syscall !== undefined) throw new HttpBindError(host, port, code, { cause: error })
      throw error
    }
    server.close()
    await once(server, 'close')
  },
  async holder(signal) {
    try {
      // Without our token: whoever listens may be a stranger.
      const answer = await fetch(`http://${reachable(host)}:${port}/csv-writer-stats`, { signal, redirect: 'manual' })
      if (answer.status === 401)
        return isBelayRealm(answer.headers.get('www-authenticate')) ? 'belay' : 'another program'
      return answer.ok && isWriterStats(await answer.json()) ? 'belay' : 'another program'
    } catch (error) {
      if (signal.aborted) throw error
      // No HTTP, or no JSON: nothing of ours.
      if (error instanceof TypeError || error instanceof SyntaxError) return 'another program'
      throw error
    }
  },
  async isRunning() {
    try {
      return (await folderHolder(dataFolder)) !== undefined
    } catch (error) {
      throw error instanceof OperatingError ? await inAnothersFolder(error, dataFolder, systemUsers) : error
    }
  },
})

/** Listening on every interface means on this machine's own too. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return isIPv6(host) ? `[${host}]` : host
}

const isBelayRealm = (challenge: string | null): boolean => challenge?.includes('realm="belay"') === true

const isWriterStats = (found: unknown): boolean =>
  typeof found === 'object' &&
  found !== null &&
  'stats' in found &&
  typeof found.stats === 'object' &&
  found.stats !== null &&
  'total_written' in found.stats

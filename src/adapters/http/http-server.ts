import { isIPv6 } from 'node:net'
import { HttpBindError, HttpPortTakenError } from '../../domain/http-errors.ts'
import type { CommandType } from '../../domain/command-type.ts'
import type { Shown } from '../../inspection-feed/shown.ts'
import type { HttpServer } from '../../ports/http-server.ts'
import type { Log } from '../../ports/log.ts'
import { PreviewThread } from '../preview/preview-thread.ts'
import { Previews } from '../preview/previews.ts'
import { beginProcessMetrics } from '../prometheus/render-metrics.ts'
import { HttpCounters } from './http-figures.ts'
import { defaultHttpLimits, type HttpLimits } from './http-limits.ts'
import type { TokenHashes } from './key-ring.ts'
import { readPageFiles, type PageFiles } from './page-files.ts'
import { lastPort } from './port-search.ts'
import { Site, type SiteOptions } from './site.ts'

export interface HttpServerOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Takes one of the next 50 ports where `port` is taken. */
  readonly portSearch?: boolean
  /** Asked of every request but `/healthz`. Whether an address may do without is the configuration's business. */
  readonly tokens?: TokenHashes
  readonly shown: Shown
  /** What receivers at `/inspect` may have done, with the operating token; nothing where absent. */
  readonly inspectCommands?: readonly CommandType[]
  /** The built page; may be missing. */
  readonly pageFolder: string
  readonly log: Log
  readonly limits?: Partial<HttpLimits>
  /** Those of the servers before this one, which goes on counting; its own where absent. */
  readonly counters?: HttpCounters
}

/** The page, the figures, previews and the live feed over HTTP. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  beginProcessMetrics()
  let site: Site | undefined
  const { counters = new HttpCounters() } = options
  const encoder = new PreviewThread()
  const previews = new Previews({
    look: (cameraId) => options.shown.lastInspected(cameraId),
    encoder,
    now: () => performance.now(),
  })
  return {
    async listen(signal) {
      const page = await pageOf(options)
      signal.throwIfAborted()
      const limits = { ...defaultHttpLimits, ...options.limits }
      const opened = await openSite(
        options,
        { inspectCommands: [], tokens: {}, ...options, page, limits, counters, previews },
        signal,
      )
      site = opened.site
      signal.addEventListener('abort', () => void opened.site.close(), { once: true })
      return { url: urlOf(options.host, opened.port), port: opened.port, closed: opened.site.ended }
    },
    async close() {
      await Promise.all([site?.close(), encoder.close()])
    },
  }
}

/** The page; none where it isn't built or can't be read, for no camera waits for it. */
async function pageOf({ pageFolder, log }: HttpServerOptions): Promise<PageFiles> {
  try {
    const page = await readPageFiles(pageFolder)
    if (!page.has('/')) log.warn('The page has not been built', { folder: pageFolder })
    return page
  } catch (error) {
    log.warn('The page could not be read, and is not served', { folder: pageFolder, why: (error as Error).message })
    return new Map()
  }
}

async function openSite(
  { host, port, portSearch = false }: HttpServerOptions,
  options: SiteOptions,
  signal: AbortSignal,
): Promise<{ site: Site; port: number }> {
  const last = portSearch ? lastPort(port) : port
  for (let candidate = port; ; candidate++) {
    const site = new Site(options)
    try {
      const taken = await site.listen(candidate)
      signal.throwIfAborted()
      return { site, port: taken }
    } catch (error) {
      await site.close()
      signal.throwIfAborted()
      const { code, syscall } = error as NodeJS.ErrnoException
      if (code === 'EADDRINUSE' && candidate < last) continue
      if (code === 'EADDRINUSE') throw new HttpPortTakenError(host, candidate, { cause: error })
      if (code !== undefined && syscall !== undefined) throw new HttpBindError(host, candidate, code, { cause: error })
      throw error
    }
  }
}

/** Every interface is also this machine's own. */
function urlOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : isIPv6(host) ? `[${host}]` : host
  return `http://${name}:${port}`
}

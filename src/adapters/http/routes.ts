import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Shown } from '../../inspection-feed/shown.ts'
import { addPage, sendCompressed } from './compression.ts'
import type { PageFiles } from './page-files.ts'

const pageMissing =
  'The page has not been built, or could not be read (the log says which); the figures are at /api/state. In the source tree: npm run build:inspector\n'

/** Everything that is answered by plain GET. */
export function addRoutes(app: FastifyInstance, shown: Shown, page: PageFiles): void {
  app.get('/healthz', () => ({ ok: true }))

  app.get('/readyz', (_request, reply) => {
    const readiness = shown.readiness()
    return reply.code(readiness.ready ? 200 : 503).send(readiness)
  })

  app.get('/api/state', () => shown.state())

  app.get('/api/recording', (request, reply) =>
    sendCompressed(request, reply.type('application/jsonl; charset=utf-8'), Readable.from(shown.recording())),
  )

  // These two bodies are a contract with their readers: exactly these keys, in this order.
  app.get('/csv-writer-stats', () => {
    const { running, stats } = shown.state().writer
    return {
      running,
      stats: {
        total_queued: stats.queued,
        total_written: stats.written,
        total_failed: stats.failed,
        queue_size: stats.queueSize,
      },
    }
  })
  app.get('/sftp-uploader-stats', () => {
    const { running, stats } = shown.state().uploader
    return {
      running,
      stats: {
        total_queued: stats.queued,
        total_uploaded: stats.uploaded,
        total_failed: stats.failed,
        queue_size: stats.queueSize,
      },
    }
  })

  addPage(app, page)
  if (!page.has('/'))
    app.get('/', (_request, reply) => reply.code(503).type('text/plain; charset=utf-8').send(pageMissing))
}

import type { FastifyInstance } from 'fastify'
import type { Shown } from '../../inspection-feed/shown.ts'
import { metricsContentType, renderMetrics } from '../prometheus/render-metrics.ts'
import type { HttpFigures } from './http-figures.ts'

/** `/metrics`, for Prometheus. */
export function addMetrics(app: FastifyInstance, shown: Shown, figures: () => HttpFigures): void {
  app.get('/metrics', async (_request, reply) => {
    const text = await renderMetrics({
      state: shown.state(),
      readiness: shown.readiness(),
      tally: shown.tally,
      http: figures(),
      logLinesDropped: shown.logLinesDropped(),
      heart: shown.heart,
    })
    return reply.type(metricsContentType).send(text)
  })
}

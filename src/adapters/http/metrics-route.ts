import type { FastifyInstance } from 'fastify'
import { metricsContentType, renderMetrics } from '../prometheus/render-metrics.ts'
import type { HttpFigures } from './http-figures.ts'
import type { HttpView } from './http-view.ts'

/** `/metrics`, for Prometheus. */
export function addMetrics(app: FastifyInstance, view: HttpView, figures: () => HttpFigures): void {
  app.get('/metrics', async (_request, reply) => {
    const text = await renderMetrics({
      state: view.state(),
      readiness: view.readiness(),
      tally: view.tally,
      http: figures(),
      logLinesDropped: view.logLinesDropped(),
      heart: view.heart,
    })
    return reply.type(metricsContentType).send(text)
  })
}

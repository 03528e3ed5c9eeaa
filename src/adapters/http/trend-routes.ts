import type { FastifyInstance } from 'fastify'
import type { Shown } from '../../inspection-feed/shown.ts'
import { refuse } from './guards.ts'

/** `GET /api/trends?kind=latency&span=6h`, and with `&from=1234` from that bucket on. One kind an answer: each is quickly made. */
export function addTrends(app: FastifyInstance, shown: Pick<Shown, 'trends'>): void {
  app.get('/api/trends', (request, reply) => {
    const answer = shown.trends(request.query as Readonly<Record<string, unknown>>)
    return typeof answer === 'string' ? refuse(reply, 400, answer) : answer
  })
}

import { pipeline, type Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PageFiles } from './page-files.ts'

/** The page's files; nothing else below its folder is ever served. */
export function addPage(app: FastifyInstance, page: PageFiles): void {
  for (const [url, { contentType, body, gzipped }] of page) {
    app.get(url, (request, reply) => {
      const answer = reply.type(contentType).header('vary', 'accept-encoding')
      return acceptsGzip(request) ? answer.header('content-encoding', 'gzip').send(gzipped) : answer.send(body)
    })
  }
}

/** Sends what may be 16 MB, to whoever takes that as a tenth of it. */
export function sendCompressed(request: FastifyRequest, reply: FastifyReply, body: Readable): FastifyReply {
  reply.header('vary', 'accept-encoding')
  if (!acceptsGzip(request)) return reply.send(body)
  // Fast before small: it is made beside the frame path, and lines of JSON are much alike.
  const gzip = createGzip({ level: constants.Z_BEST_SPEED })
  // What fails ends the answer, which tells; a client that goes away ends both.
  pipeline(body, gzip, () => undefined)
  return reply.header('content-encoding', 'gzip').send(gzip)
}

/** RFC 9110, 12.5.3: named, and not with a weight of 0. */
function acceptsGzip({ headers: { 'accept-encoding': accepted = '' } }: FastifyRequest): boolean {
  return String(accepted)
    .toLowerCase()
    .split(',')
    .map((coding) => coding.split(';').map((part) => part.trim()))
    .some(([name, weight = 'q=1']) => name === 'gzip' && !/^q=0(\.0*)?$/.test(weight))
}

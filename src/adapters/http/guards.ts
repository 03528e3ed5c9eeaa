import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../ports/log.ts'
import { type Access, type Admitted, isRefused, type Refusal } from './access.ts'
import { commandAt } from './command-routes.ts'
import { securityHeaders } from './security-headers.ts'

/** Says that the process serves, and nothing more: open to every watchdog, without a token. */
const openPath = '/healthz'

/** What stands before every route, also before those that don't exist: headers, method, host, token. */
export function addGuards(
  app: FastifyInstance,
  access: Access,
  log: Pick<Log, 'warn'>,
  onBug: (error: unknown) => void,
): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders)
    const { headers, httpVersion } = request.raw
    if (headers.host === undefined && httpVersion === '1.1') return refuse(reply, 400, 'The request names no host.')
    const command = commandAt(request.url)
    const method = command === undefined ? 'GET' : 'POST'
    // The body of what is refused is never read.
    if (request.method !== 'GET') reply.header('connection', 'close')
    if (request.method !== method) return refuse(reply.header('allow', method), 405, `${method} only.`)
    if (request.url === openPath) return undefined
    const link = tokenLinkOf(request)
    const admission = await (link === undefined
      ? access.admit(request.raw)
      : access.admitToken(link.token, request.raw))
    const refusal = isRefused(admission) ? admission : command && refusalOfCommand(request, access, admission)
    if (refusal !== undefined) {
      const by = request.raw.socket.remoteAddress
      // Of whom no token was taken the limiter tells, and not of each try.
      if (command !== undefined && refusal.status === 403)
        log.warn('command refused', { by, command: command.command, why: refusal.why })
      return turnAway(reply, refusal)
    }
    if (command !== undefined) return undefined
    if (link === undefined) return undefined
    return reply.header('set-cookie', access.cookieFor(link.token, request.raw)).redirect(link.target, 303)
  })
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'There is nothing here.'))
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500) return refuse(reply, status, 'The request cannot be understood.')
    onBug(error)
    return refuse(reply, 500, 'Belay failed to answer; this is a bug, and its log says more.')
  })
}

/** A command takes the operating token, also where looking takes none, and a page that sends it has to be ours. */
function refusalOfCommand({ raw }: FastifyRequest, access: Access, { role }: Admitted): Refusal | undefined {
  if (!access.isOwnOrigin(raw)) return { status: 403, why: 'Only a page of this Belay may send commands.' }
  if (role === 'operate') return undefined
  const why = 'Commands need the operating token: its hash stands in the configuration as http.operateTokenHash.'
  return { status: 403, why }
}

export const refuse = (reply: FastifyReply, status: number, why: string): FastifyReply =>
  reply.code(status).type('application/json; charset=utf-8').headers(securityHeaders).send({ error: why })

function turnAway(reply: FastifyReply, { status, why, retryAfterSeconds }: Refusal): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="belay"')
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  return refuse(reply, status, why)
}

/** `/?token=…`, once: where to go on with the cookie, so that the token doesn't stay in the address bar. Only to ourselves. */
function tokenLinkOf({ url }: FastifyRequest): { token: string; target: string } | undefined {
  const [path = '', search = ''] = url.split('?', 2)
  const query = new URLSearchParams(search)
  const token = query.get('token')
  if (token === null) return undefined
  query.delete('token')
  // A path that begins with two slashes would lead to another host.
  return { token, target: `/${path.replace(/^[/\\]+/, '')}${query.size === 0 ? '' : `?${query.toString()}`}` }
}

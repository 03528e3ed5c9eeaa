import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { cameraId } from '../../domain/ids.ts'
import type { Operate, OperatorCommand } from '../../inspection-feed/operator-commands.ts'

/**
 * Every command is a POST whose body names what it is about once more: `{"confirm":"dock-1"}`. Nothing else is taken by POST.
 *
 * A further command is a line here, and a kind of `OperatorCommand`.
 */
const commands: readonly {
  readonly path: RegExp
  readonly command: (name: string, verb: string) => OperatorCommand
}[] = [
  {
    path: /^\/api\/cameras\/(?<name>[a-z0-9-]{1,32})\/(?<verb>restart|pause|resume)$/,
    command: (name, verb) => ({ type: `camera.${verb as 'restart' | 'pause' | 'resume'}`, cameraId: cameraId(name) }),
  },
  {
    path: /^\/api\/files\/(?<name>[1-9]\d{0,14})\/(?<verb>retry)$/,
    command: (name) => ({ type: 'file.retry', fileId: Number(name) }),
  },
  { path: /^\/api\/(?<name>stop)$/, command: () => ({ type: 'daemon.stop' }) },
]

/** Bytes of a body; the longest that is right has 47. */
const longestBody = 256

interface Found {
  readonly command: OperatorCommand
  /** What the body has to name. */
  readonly confirm: string
}

/** The command that a path names. */
export function commandAt(url: string): Found | undefined {
  for (const { path, command } of commands) {
    const { name = '', verb = '' } = path.exec(url)?.groups ?? {}
    if (name !== '') return { command: command(name, verb), confirm: name }
  }
  return undefined
}

/** `POST /api/…`; who may has been looked at before. */
export function addCommands(app: FastifyInstance, operate: Operate): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const found = commandAt(request.url)
    if (found === undefined) return reply.callNotFound()
    if (confirmed(request.body) !== found.confirm)
      return reply.code(400).send({ error: `Confirm it: the body has to be {"confirm":"${found.confirm}"}.` })
    const { remoteAddress = 'unknown' } = request.raw.socket
    const answer = await operate(found.command, remoteAddress)
    const status = answer.done ? 200 : answer.cause === 'unknown' ? 404 : 409
    return reply.code(status).send(answer.done ? { done: answer.words } : { error: answer.words })
  }
  for (const url of ['/api/cameras/:name/:verb', '/api/files/:name/:verb', '/api/stop'])
    app.post(url, { bodyLimit: longestBody }, handler)
}

const confirmed = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'confirm' in body ? body.confirm : undefined

import { createContext } from 'preact'

/** What somebody is about to ask of the daemon; nothing is sent before they have confirmed it. */
export interface Request {
  /** `Pause camera dock-1?` */
  readonly title: string
  /** What will happen. */
  readonly words: string
  /** On the button: `Pause`. */
  readonly verb: string
  /** Carried out one after the other. */
  readonly commands: readonly Command[]
  /** When something was done. */
  readonly done?: () => void
}

export interface Command {
  /** `/api/cameras/dock-1/pause` */
  readonly path: string
  /** What the body names once more. */
  readonly confirm: string
}

/** Asks for confirmation; undefined where there is no live daemon to ask anything of. */
export const Operator = createContext<((request: Request) => void) | undefined>(undefined)

export interface Outcome {
  /** `refused`: this one alone; another may be done. `halted`: all others would be answered the same, or nobody knows what became of it. */
  readonly kind: 'done' | 'refused' | 'halted'
  readonly words: string
}

/** A daemon that drains camera by camera may take this long to start one afresh. */
const patienceMs = 30_000

/** Sends one command. The token is sent with it and kept nowhere; where it is empty, the page's cookie has to do. */
export async function send({ path, confirm }: Command, token: string): Promise<Outcome> {
  const headers = headersWith(token)
  if (headers === undefined) return { kind: 'halted', words: 'No token has such characters; nothing was sent.' }
  const body = JSON.stringify({ confirm })
  try {
    const answer = await fetch(path, { method: 'POST', headers, body, signal: AbortSignal.timeout(patienceMs) })
    if (answer.status === 401) return { kind: 'halted', words: 'This is not the operating token.' }
    const { done, error } = (await answer.json()) as { readonly done?: string; readonly error?: string }
    const words = `${done ?? error ?? `The daemon answers ${answer.status}`}.`.replace('..', '.')
    return { kind: answer.ok ? 'done' : ofThisOne.has(answer.status) ? 'refused' : 'halted', words }
  } catch {
    return { kind: 'halted', words: 'The daemon does not answer; whether it was done is not known.' }
  }
}

/** There is no such thing, or it cannot be done in its present state. */
const ofThisOne: ReadonlySet<number> = new Set([404, 409])

/** `undefined` where no header can hold the token, as what was pasted by mistake. */
function headersWith(token: string): Headers | undefined {
  const headers = new Headers({ 'content-type': 'application/json' })
  try {
    if (token !== '') headers.set('authorization', `Bearer ${token}`)
    return headers
  } catch {
    return undefined
  }
}

export const cameraRequest = (id: string, verb: 'restart' | 'pause' | 'resume'): Request => ({
  ...{
    restart: {
      title: `Restart camera ${id}?`,
      words: 'Its actor ends, lets go of the stream, and a new one begins. Frames meanwhile are lost.',
      verb: 'Restart',
    },
    pause: {
      title: `Pause camera ${id}?`,
      words: 'It lets go of its stream and inspects nothing until it is resumed, restarted, or Belay starts again.',
      verb: 'Pause',
    },
    resume: { title: `Resume camera ${id}?`, words: 'It connects again at once.', verb: 'Resume' },
  }[verb],
  commands: [{ path: `/api/cameras/${id}/${verb}`, confirm: id }],
})

export const stopRequest: Request = {
  title: 'Drain and stop?',
  words:
    'Every camera ends, what was accepted is written and delivered as far as time allows, and Belay ends. systemd does not start it again.',
  verb: 'Drain and stop',
  commands: [{ path: '/api/stop', confirm: 'stop' }],
}

export const retryRequest = (ids: readonly number[], name: string, done: () => void): Request => ({
  title: ids.length === 1 ? `Send file ${ids[0]} again?` : `Send ${ids.length} files again?`,
  words: `${name} is due at once, and earlier tries are forgotten. What the server has by then under the same name is compared first, and never overwritten.`,
  verb: 'Send again',
  commands: ids.map((id) => ({ path: `/api/files/${id}/retry`, confirm: String(id) })),
  done,
})

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

export interface AccessOptions {
  /** The address the server listens on, as configured. */
  readonly host: string
  /** Whoever has it may look; `undefined`: everybody who reaches the port may. */
  readonly token: string | undefined
}

/** A request that is not let in: its status, and words for whoever sent it. */
export interface Refusal {
  readonly status: 401 | 403 | 421
  readonly why: string
}

export const cookieName = 'belay-view'

/** Who may look, decided from a request's headers alone; the same for pages, figures and the feed. */
export class Access {
  readonly #cookie: string | undefined

  constructor(private readonly options: AccessOptions) {
    // Derived, so that the cookie is not the token and still holds after a restart.
    this.#cookie =
      options.token && createHmac('sha256', options.token).update('belay page cookie v1').digest('base64url')
  }

  /** The reason why the request is not let in, if there is one. */
  refusal(request: IncomingMessage): Refusal | undefined {
    if (!this.#isOurHost(request.headers.host))
      return { status: 421, why: 'This name is not one that Belay answers to.' }
    if (this.options.token === undefined || this.#hasToken(request) || this.#hasCookie(request)) return undefined
    return {
      status: 401,
      why: 'A token is needed: send "Authorization: Bearer TOKEN", or open the page once with ?token=TOKEN.',
    }
  }

  /** A WebSocket is not held to the browser's same-origin rule, so that we hold it. Programs send no origin. */
  isOwnOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined) return true
    return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
  }

  isToken(text: string): boolean {
    return this.options.token !== undefined && isSame(text, this.options.token)
  }

  /** For a browser that has shown the token. */
  get setCookie(): string {
    return `${cookieName}=${this.#cookie ?? ''}; Path=/; HttpOnly; SameSite=Strict`
  }

  /**
   * A page on the internet may let its own name point at this machine, and would then read what we answer. Such a name is
   * never an address or localhost. Where a token is asked for, that page's visitor has no cookie of ours under its name.
   */
  #isOurHost(host: string | undefined): boolean {
    if (host === undefined) return false
    if (this.options.token !== undefined) return true
    const name = /^(?:\[([0-9a-f:.]+)\]|([^:]+))(?::\d+)?$/i.exec(host)
    const bare = (name?.[1] ?? name?.[2] ?? '').toLowerCase()
    return isIP(bare) !== 0 || bare === 'localhost' || bare === this.options.host.toLowerCase()
  }

  #hasToken({ headers: { authorization } }: IncomingMessage): boolean {
    const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
    return bearer !== undefined && this.isToken(bearer)
  }

  #hasCookie({ headers: { cookie } }: IncomingMessage): boolean {
    const wanted = this.#cookie
    if (wanted === undefined) return false
    return (cookie ?? '').split(';').some((pair) => {
      const [name, value] = pair.trim().split('=', 2)
      return name === cookieName && isSame(value ?? '', wanted)
    })
  }
}

/** Compares digests, so that the time it takes says nothing of where the texts differ, or of their lengths. */
const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

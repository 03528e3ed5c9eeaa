import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../ports/log.ts'
import { FailureLimiter } from './failure-limiter.ts'
import { KeyRing, type Role, type TokenHashes } from './key-ring.ts'
import { keyOf } from './token-hash.ts'

export interface AccessOptions {
  /** The address the server listens on, as configured. */
  readonly host: string
  readonly tokens: TokenHashes
  /** How long the answer to a wrong token waits. */
  readonly failureDelayMs: number
  /** Hears of addresses that have to wait; never of what they showed. */
  readonly log: Pick<Log, 'warn'>
}

/** A request that is not let in: its status, and words for whoever sent it. */
export interface Refusal {
  readonly status: 401 | 403 | 421 | 429 | 503
  readonly why: string
  readonly retryAfterSeconds?: number
}

export interface Admitted {
  readonly role: Role
}

export type Admission = Admitted | Refusal

export const isRefused = (admission: Admission): admission is Refusal => 'status' in admission

/**
 * A browser's cookies hold for every port of a name, as of 127.0.0.1 with two tunnels: each port has its own, so that none
 * replaces another's. It is sent to all of them: only names keep servers apart.
 */
const cookieName = ({ headers: { host = '' } }: IncomingMessage): string => {
  const port = /:(\d+)$/.exec(host)?.[1]
  return port === undefined ? 'belay-key' : `belay-key-${port}`
}

const tokenNeeded: Refusal = {
  status: 401,
  why: 'A token is needed: send "Authorization: Bearer TOKEN", or open the page once with ?token=TOKEN.',
}

/** Who may do what, decided from a request's headers and address alone; the same for pages, figures, commands and the feed. */
export class Access {
  readonly #keys: KeyRing
  readonly #failures = new FailureLimiter(() => performance.now())

  constructor(private readonly options: AccessOptions) {
    this.#keys = new KeyRing(options.tokens)
  }

  async admit(request: IncomingMessage): Promise<Admission> {
    if (!this.#isOurHost(request.headers.host))
      return { status: 421, why: 'This name is not one that Belay answers to.' }
    if (this.#keys.isOpen) return { role: 'view' }
    const bearer = bearerOf(request)
    const key = bearer === undefined ? cookieOf(request) : keyOf(bearer)
    return key === undefined ? tokenNeeded : this.#admitKey(key, request)
  }

  /** For a token in the address of a page. */
  admitToken(token: string, request: IncomingMessage): Promise<Admission> {
    return this.#admitKey(keyOf(token), request)
  }

  /**
   * Whether a page of our own sent it. A WebSocket is not held to the browser's same-origin rule, and neither is what a form
   * posts, so that we hold them. Programs send no origin; they have no cookie either.
   */
  isOwnOrigin(request: IncomingMessage): boolean {
    const { origin, host } = request.headers
    if (origin === undefined) return request.method === 'GET' || bearerOf(request) !== undefined
    return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
  }

  /** For a browser that has shown the token in this request. */
  cookieFor(token: string, request: IncomingMessage): string {
    return `${cookieName(request)}=${keyOf(token)}; Path=/; HttpOnly; SameSite=Strict`
  }

  /**
   * A key that is known is let in, or turned away, at once; another is looked at, unless its address has shown too many wrong ones.
   * A wrong key that comes again is no further guess: a page that was left open when its token was changed locks nobody out.
   */
  async #admitKey(key: string, { socket: { remoteAddress } }: IncomingMessage): Promise<Admission> {
    const known = this.#keys.known(key)
    if (known === 'wrong') return this.#turnAway()
    if (known !== undefined) return { role: known }
    const wait = this.#failures.wait(remoteAddress)
    if (wait > 0) {
      const retryAfterSeconds = Math.ceil(wait / 1000)
      return { status: 429, why: `Too many wrong tokens: wait ${retryAfterSeconds} s.`, retryAfterSeconds }
    }
    const found = await this.#keys.verify(key)
    switch (found) {
      case 'busy':
        return { status: 503, why: 'Too many tokens are being looked at.', retryAfterSeconds: 1 }
      case 'wrong':
        this.#failed(remoteAddress)
        return this.#turnAway()
      case 'again':
        return this.#turnAway()
      case 'view':
      case 'operate':
        this.#failures.succeeded(remoteAddress)
        return { role: found }
    }
  }

  /** One line for each wait, which is once a minute in the long run. */
  #failed(address: string | undefined): void {
    this.#failures.failed(address)
    const waitSeconds = Math.ceil(this.#failures.wait(address) / 1000)
    if (waitSeconds === 0) return
    this.options.log.warn('too many wrong tokens: their address has to wait', { by: address, waitSeconds })
  }

  async #turnAway(): Promise<Refusal> {
    await sleep(this.options.failureDelayMs)
    return tokenNeeded
  }

  /**
   * A page on the internet may let its own name point at this machine, and would then read what we answer. Such a name is
   * never an address or localhost. Where a token is asked for, that page's visitor has no cookie of ours under its name.
   */
  #isOurHost(host: string | undefined): boolean {
    if (host === undefined) return false
    if (!this.#keys.isOpen) return true
    const name = /^(?:\[([0-9a-f:.]+)\]|([^:]+))(?::\d+)?$/i.exec(host)
    const bare = (name?.[1] ?? name?.[2] ?? '').toLowerCase()
    return isIP(bare) !== 0 || bare === 'localhost' || bare === this.options.host.toLowerCase()
  }
}

const bearerOf = ({ headers: { authorization } }: IncomingMessage): string | undefined =>
  /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]

function cookieOf(request: IncomingMessage): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
  const begin = `${cookieName(request)}=`
  return pairs.find((pair) => pair.startsWith(begin))?.slice(begin.length)
}

import { createHash } from 'node:crypto'
import { isHashOf } from './token-hash.ts'

/** What somebody may do: look; or look and operate. */
export type Role = 'view' | 'operate'

/** Hashes of the tokens, as `hashToken` makes them. None: everybody who reaches the port may look, and nobody operate. */
export interface TokenHashes {
  readonly view?: string | undefined
  readonly operate?: string | undefined
}

/** Keys that wait for scrypt; with more, strangers would be waited for. */
const mostWaiting = 16

/** Which key opens what. scrypt is asked once for each right key; then the key's digest is known. */
export class KeyRing {
  /** Digests of keys that were found right; there are as many as tokens. */
  readonly #known = new Map<string, Role>()
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(private readonly hashes: TokenHashes) {}

  /** Without any token all may look. */
  get isOpen(): boolean {
    return this.hashes.view === undefined && this.hashes.operate === undefined
  }

  /** Of a key that was found right before. */
  roleOf(key: string): Role | undefined {
    return this.#known.get(digest(key))
  }

  /** Asks scrypt, one key after the other, so that strangers keep no more than one processor busy. `busy`: too many wait. */
  async verify(key: string): Promise<Role | 'busy' | undefined> {
    if (this.#waiting >= mostWaiting) return 'busy'
    this.#waiting++
    const turn = this.#last.then(() => this.#find(key))
    this.#last = turn.catch(() => undefined)
    try {
      const role = this.roleOf(key) ?? (await turn)
      if (role !== undefined) this.#known.set(digest(key), role)
      return role
    } finally {
      this.#waiting--
    }
  }

  async #find(key: string): Promise<Role | undefined> {
    const { view, operate } = this.hashes
    if (operate !== undefined && (await isHashOf(operate, key))) return 'operate'
    return view !== undefined && (await isHashOf(view, key)) ? 'view' : undefined
  }
}

const digest = (key: string): string => createHash('sha256').update(key).digest('base64')

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
/** Wrong keys that are remembered; the one longest not shown goes first. */
const mostWrong = 1_000

/** Which key opens what. scrypt is asked once for each key; then the key's digest is known. */
export class KeyRing {
  /** Digests of keys that were found right; there are as many as tokens. */
  readonly #right = new Map<string, Role>()
  /** Digests of those that were found wrong, the one longest not shown first. */
  readonly #wrong = new Set<string>()
  /** Digests of those that scrypt is asked for. */
  readonly #looking = new Map<string, Promise<Role | 'wrong'>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(private readonly hashes: TokenHashes) {}

  /** Without any token all may look. */
  get isOpen(): boolean {
    return this.hashes.view === undefined && this.hashes.operate === undefined
  }

  /** What was found of a key before. */
  known(key: string): Role | 'wrong' | undefined {
    const id = digest(key)
    if (!this.#wrong.has(id)) return this.#right.get(id)
    this.#remember(id)
    return 'wrong'
  }

  /**
   * Asks scrypt, one key after the other, so that strangers keep no more than one processor busy.
   *
   * `busy`: too many wait. `again`: a wrong one that somebody else has asked for meanwhile, so that it is no further guess.
   */
  async verify(key: string): Promise<Role | 'wrong' | 'again' | 'busy'> {
    const id = digest(key)
    const looking = this.#looking.get(id)
    if (looking !== undefined) return looking.then((found) => (found === 'wrong' ? 'again' : found))
    if (this.#looking.size >= mostWaiting) return 'busy'
    const turn = this.#last.then(() => this.#find(key))
    this.#last = turn.catch(() => undefined)
    this.#looking.set(id, turn)
    try {
      const found = await turn
      if (found === 'wrong') this.#remember(id)
      else this.#right.set(id, found)
      return found
    } finally {
      this.#looking.delete(id)
    }
  }

  #remember(id: string): void {
    this.#wrong.delete(id)
    this.#wrong.add(id)
    if (this.#wrong.size > mostWrong) for (const oldest of this.#wrong) return void this.#wrong.delete(oldest)
  }

  async #find(key: string): Promise<Role | 'wrong'> {
    const { view, operate } = this.hashes
    if (operate !== undefined && (await isHashOf(operate, key))) return 'operate'
    return view !== undefined && (await isHashOf(view, key)) ? 'view' : 'wrong'
  }
}

const digest = (key: string): string => createHash('sha256').update(key).digest('base64')

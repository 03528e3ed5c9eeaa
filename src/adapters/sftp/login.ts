import type ssh2 from 'ssh2'

/** What we may show a server, by the library's names. */
export type Proof = 'publickey' | 'agent' | 'password' | 'keyboard-interactive'

const words: Readonly<Record<Proof, string>> = {
  publickey: 'a private key',
  agent: 'the keys of an agent',
  password: 'a password',
  'keyboard-interactive': 'a password',
}

/**
 * One login: what the server is shown, and what it said to it. As OpenSSH's own client does it, only what the server takes is
 * shown, each once; after a proof that is right it may want another besides.
 */
export class Login {
  #shown: Proof | undefined
  #takes: readonly string[] = []
  #isDone = false
  readonly #left: Set<Proof>
  readonly #right = new Set<string>()
  readonly #refused = new Set<string>()

  /** @param proofs in the order of showing. */
  constructor(proofs: readonly Proof[]) {
    this.#left = new Set(proofs)
  }

  /** For the library: what to show next. It asks first with neither list nor verdict. */
  readonly next = (takes: readonly string[] | null, isRight: boolean | null, show: ssh2.NextAuthHandler): void => {
    // The server says what it takes to whoever shows nothing.
    if (takes === null) return show('none')
    this.#hear(takes, isRight === true)
    const proof = [...this.#left].find((each) => this.#mayTake(each))
    // Its types leave out that `false` ends the login.
    if (proof === undefined) return show(false as never)
    this.#shown = proof
    this.#left.delete(proof)
    show(proof)
  }

  done(): void {
    this.#isDone = true
  }

  /** The server has let us in. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** Whether the server has said no to a proof, and has not let us in for another. */
  get isRefused(): boolean {
    return !this.#isDone && this.#refused.size > 0
  }

  /** For people. */
  get detail(): string {
    const takes = this.#takes.join(' or ')
    const right = [...this.#right].join(' and ')
    if (right !== '') return `it accepted ${right}, and wants ${takes} besides`
    const shown = [...this.#refused].join(' and ') || 'nothing'
    return takes === '' ? `it was shown ${shown}` : `it was shown ${shown}, and takes ${takes}`
  }

  #hear(takes: readonly string[], isRight: boolean): void {
    // The library keeps to itself what the server said to the keys of an agent: both would be what it said before.
    const isKnown = this.#shown !== 'agent'
    this.#takes = isKnown ? takes : []
    if (this.#shown !== undefined) (isKnown && isRight ? this.#right : this.#refused).add(words[this.#shown])
  }

  /** A server that doesn't say what it takes may take anything. */
  #mayTake(proof: Proof): boolean {
    return this.#takes.length === 0 || this.#takes.includes(proof === 'agent' ? 'publickey' : proof)
  }
}

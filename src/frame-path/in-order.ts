/** Settles an entry: `action` is run once its turn has come. Resolves when it has run; rejects with what it throws. */
export type Settle = (action?: Action) => Promise<void>

export type Action = () => void | Promise<void>

interface Turn {
  readonly action: Action
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Lets what is settled in any order take effect in the order in which it was entered, one after the other. */
export class InOrder {
  readonly #entries: { turn?: Turn }[] = []
  #running = false

  /** Enters one more; it holds up those after it until it is settled. An action that throws does not. */
  enter(): Settle {
    const entry: { turn?: Turn } = {}
    this.#entries.push(entry)
    return (action = () => undefined) =>
      new Promise<void>((resolve, reject) => {
        if (entry.turn !== undefined) throw new Error('An entry is settled once')
        entry.turn = { action, resolve, reject }
        this.#advance()
      })
  }

  /** Runs what it can at once: an action that doesn't wait has run when `settle` returns. */
  #advance(): void {
    for (let turn = this.#entries[0]?.turn; turn !== undefined && !this.#running; turn = this.#entries[0]?.turn) {
      const { action, resolve, reject } = turn
      this.#running = true
      let pending: void | Promise<void> = undefined
      try {
        pending = action()
      } catch (error) {
        reject(error)
      }
      if (pending !== undefined) {
        pending.then(resolve, reject).finally(() => {
          this.#finish()
          this.#advance()
        })
        return
      }
      resolve()
      this.#finish()
    }
  }

  #finish(): void {
    this.#entries.shift()
    this.#running = false
  }
}

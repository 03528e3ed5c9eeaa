/** Says that there may be something to do, and nothing more: whoever hears it has to look for himself. */
export class Doorbell {
  readonly #listeners = new Set<() => void>()

  ring(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Calls `listener`, which must not throw, at each ring; the returned function stops that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

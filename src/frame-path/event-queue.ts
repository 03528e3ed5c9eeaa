/** Hands events over from those who push them to the one who iterates, in order. What is pushed after the end is gone. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #events: T[] = []
  #end: { readonly error?: unknown } | undefined
  #wake: () => void = () => undefined

  push(event: T): void {
    if (this.#end !== undefined) return
    this.#events.push(event)
    this.#wake()
  }

  /** What has been pushed is still handed over, then the iteration ends. */
  end(): void {
    this.#end ??= {}
    this.#wake()
  }

  /** As `end`, but the iteration throws. */
  fail(error: unknown): void {
    this.#end ??= { error }
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      while (this.#events.length > 0) yield this.#events.shift() as T
      if (this.#end !== undefined) {
        if ('error' in this.#end) throw this.#end.error
        return
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

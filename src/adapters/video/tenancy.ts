/** One tenant at a time: who enters waits until the one before has left. */
export class Tenancy {
  #vacant: Promise<void> = Promise.resolve()

  /** Resolves with the way out when all who entered earlier have left. @throws {signal.reason} */
  async enter(signal: AbortSignal): Promise<() => void> {
    const before = this.#vacant
    let leave!: () => void
    const left = new Promise<void>((resolve) => (leave = resolve))
    this.#vacant = before.then(() => left)
    try {
      await settledOrAborted(before, signal)
    } catch (reason) {
      leave()
      throw reason
    }
    return leave
  }

  /** Resolves when everyone who has entered so far has left. */
  vacant(): Promise<void> {
    return this.#vacant
  }
}

/** As `promise`, or rejects with the signal's reason as soon as that aborts. */
export function settledOrAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    // The reason is rethrown as it is, whatever it is: that is what aborting means.
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

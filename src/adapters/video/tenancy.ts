import { settledOrAborted } from '../settled-or-aborted.ts'

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

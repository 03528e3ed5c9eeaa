/**
 * The work of one incarnation that goes on after its actor was stopped: a generator in its `finally`, a process that is
 * being killed. The incarnation is over when all of it has settled.
 */
export class Loose {
  readonly #working = new Set<Promise<unknown>>()

  /** @param over aborts when the incarnation ends, before anybody waits for its work: what can let go then does. */
  constructor(readonly over?: AbortSignal) {}

  /** Keeps `work` in mind until it settles, however it does. */
  add(work: Promise<unknown>): void {
    const settled: Promise<unknown> = work.then(
      () => this.#working.delete(settled),
      () => this.#working.delete(settled),
    )
    this.#working.add(settled)
  }

  async settled(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working)
  }
}

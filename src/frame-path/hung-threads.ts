import type { Milliseconds } from '../domain/units.ts'

/**
 * Threads that were given up with a task that has not ended. Nothing ends them but the process's own end, and until they come back each
 * burns a core: so they are counted here, where they outlive the pool that gave them up.
 */
export class HungThreads {
  /** What has loaded its models for so long hangs. `undefined` until a first pool has: it may take however long. */
  loadingLimit: Milliseconds | undefined
  #count = 0
  readonly #onReturn = new Set<() => void>()

  get count(): number {
    return this.#count
  }

  /** One more, until `ended`. */
  add(ended: Promise<void>): void {
    this.#count++
    void ended.then(() => {
      this.#count--
      for (const hear of this.#onReturn) hear()
    })
  }

  /** Hears of each that comes back, once it is not counted any more, until what this returns is called. */
  onReturn(hear: () => void): () => void {
    this.#onReturn.add(hear)
    return () => void this.#onReturn.delete(hear)
  }
}

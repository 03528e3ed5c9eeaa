export interface UnderWayHears {
  /** Before `ended`. What it throws fails the process, as a bug does. */
  failed(error: unknown): void
  /** One has come to its end, however it did, and is not counted any more. */
  ended(): void
}

/** Counts work that goes on by itself, and tells how each ends. */
export class UnderWay {
  #count = 0

  constructor(private readonly hears: UnderWayHears) {}

  get count(): number {
    return this.#count
  }

  add(work: Promise<void>): void {
    this.#count++
    void work
      .catch((error: unknown) => this.hears.failed(error))
      .finally(() => {
        this.#count--
        this.hears.ended()
      })
  }
}

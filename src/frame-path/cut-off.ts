/** The end of a pool, which all who wait in it hear at once. (An AbortSignal warns of more than ten that listen.) */
export class CutOff {
  readonly #waiting = new Set<() => void>()
  #isMade = false

  get isMade(): boolean {
    return this.#isMade
  }

  make(): void {
    this.#isMade = true
    for (const hear of this.#waiting) hear()
  }

  add(hear: () => void): void {
    this.#waiting.add(hear)
  }

  delete(hear: () => void): void {
    this.#waiting.delete(hear)
  }
}

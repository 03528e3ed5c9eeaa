/** More than the actors, states and events of a plant; what is told once only, as names of files, is not held for long. */
const mostWords = 5_000

/**
 * Keeps texts that are alike once. Each record comes with texts of its own, though thousands say the same: of what 50,000 of them take, and of
 * what is copied when garbage is collected, that was two fifths.
 */
export class Words {
  readonly #words = new Map<string, string>()

  /** In place: `told` is nobody else's yet. Plain data, of which objects and lists are gone through. */
  keepOnce(told: object): void {
    const parts = told as Record<string, unknown>
    for (const part in parts) {
      const value = parts[part]
      if (typeof value === 'string') parts[part] = this.#kept(value)
      else if (typeof value === 'object' && value !== null) this.keepOnce(value)
    }
  }

  get count(): number {
    return this.#words.size
  }

  #kept(word: string): string {
    const kept = this.#words.get(word)
    if (kept !== undefined) return kept
    if (this.#words.size >= mostWords) this.#words.clear()
    this.#words.set(word, word)
    return word
  }
}

interface Suspect {
  /** Files that had arrived in its folder when it failed last. */
  arrivedBefore: number
  /** Tries in a row that ended without an answer. */
  unanswered: number
}

/** Files that are remembered as having failed; of more, the one goes that failed first. */
const bound = 10_000

/**
 * Tells a file's own fault from the server's: others arrived in the same folder between two failures of this one. A server
 * that takes nothing, a folder that nobody may write to and a full disk are thereby nobody's fault among the files.
 *
 * Lives as long as the daemon, so that a session that ends doesn't clear anybody.
 */
export class Suspicion {
  readonly #arrived = new Map<string, number>()
  readonly #suspects = new Map<number, Suspect>()

  arrived(id: number, folder: string): void {
    this.#arrived.set(folder, this.#arrivedIn(folder) + 1)
    this.#suspects.delete(id)
  }

  /** The server said no, or the file couldn't be read. Whether that is the file's own fault, as far as can be told. */
  failed(id: number, folder: string): boolean {
    const arrived = this.#arrivedIn(folder)
    const before = this.#suspects.get(id)
    this.#note(id, { arrivedBefore: arrived, unanswered: 0 })
    return before !== undefined && arrived > before.arrivedBefore
  }

  /**
   * The session was lost with this file in hand. That is held against no file: a large one on a bad line is lost with most
   * sessions. Returns how many times in a row it was so, that it may come later than others.
   */
  unanswered(id: number, folder: string): number {
    const before = this.#suspects.get(id)
    const unanswered = (before?.unanswered ?? 0) + 1
    this.#note(id, { arrivedBefore: before?.arrivedBefore ?? this.#arrivedIn(folder), unanswered })
    return unanswered
  }

  #arrivedIn(folder: string): number {
    return this.#arrived.get(folder) ?? 0
  }

  #note(id: number, suspect: Suspect): void {
    this.#suspects.delete(id)
    this.#suspects.set(id, suspect)
    const [oldest] = this.#suspects.keys()
    if (this.#suspects.size > bound && oldest !== undefined) this.#suspects.delete(oldest)
  }
}

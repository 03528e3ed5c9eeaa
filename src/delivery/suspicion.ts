interface Suspect {
  /** Files that had arrived in its folder when it failed last. */
  arrivedBefore: number
  /** Tries in a row that ended without an answer. */
  unanswered: number
}

interface Arrival {
  readonly bytes: number
  /** Counts up in its folder. */
  readonly number: number
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
  readonly #arrived = new Map<string, Arrival[]>()
  readonly #suspects = new Map<number, Suspect>()

  arrived(id: number, folder: string, bytes: number): void {
    const number = this.#arrivedIn(folder) + 1
    // Of each length only the last that was at least as long is of interest: the longer, the earlier.
    const longer = (this.#arrived.get(folder) ?? []).filter((earlier) => earlier.bytes > bytes)
    this.#arrived.set(folder, [...longer, { bytes, number }])
    this.#suspects.delete(id)
  }

  /**
   * The server said no, or the file couldn't be read. Whether that is the file's own fault, as far as can be told. `atLeast`: it may
   * have been for want of room, which others prove to be there only where they have so many bytes.
   */
  failed(id: number, folder: string, atLeast = 0): boolean {
    const before = this.#suspects.get(id)
    this.#note(id, { arrivedBefore: this.#arrivedIn(folder), unanswered: 0 })
    return before !== undefined && this.#arrivedIn(folder, atLeast) > before.arrivedBefore
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

  /** The number of the last that arrived there with so many bytes. */
  #arrivedIn(folder: string, atLeast = 0): number {
    return this.#arrived.get(folder)?.findLast(({ bytes }) => bytes >= atLeast)?.number ?? 0
  }

  #note(id: number, suspect: Suspect): void {
    this.#suspects.delete(id)
    this.#suspects.set(id, suspect)
    const [oldest] = this.#suspects.keys()
    if (this.#suspects.size > bound && oldest !== undefined) this.#suspects.delete(oldest)
  }
}

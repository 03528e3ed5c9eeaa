/** The places that one series has left. */
export interface Places {
  /** Of the share that stands ready for it. */
  readonly own: number
  /** Of those that are anybody's. */
  readonly common: number
}

/**
 * The places of a queue, and which series have taken how many. Half of the queue stands ready for the known series in equal
 * shares, and more of it where that would not be a place for each; the rest goes to whoever comes first: one whose requests
 * cannot be written takes no other's last place. A queue of fewer places than series has no shares.
 */
export class QueuePlaces {
  readonly #taken = new Map<string, number>()
  #all = 0
  /** Taken by series beyond their shares. */
  #beyond = 0
  #shared: ReadonlySet<string> = new Set()
  #share = 0

  constructor(
    readonly bound: number,
    /** The series that a share is kept for, now; the same set for as long as they are the same. */
    private readonly known: () => ReadonlySet<string>,
  ) {}

  get taken(): number {
    return this.#all
  }

  /** `count` more, or less where it is negative. */
  take(series: string, count: number): void {
    this.#shareOut()
    this.#beyond -= this.#beyondOf(series)
    this.#taken.set(series, this.#takenBy(series) + count)
    this.#all += count
    this.#beyond += this.#beyondOf(series)
    if (this.#takenBy(series) === 0) this.#taken.delete(series)
  }

  left(series: string): Places {
    this.#shareOut()
    const common = this.bound - this.#share * this.#shared.size - this.#beyond
    const own = this.#shareOf(series) - this.#takenBy(series)
    // What was taken before others became known may be in places that are theirs now.
    return { own: Math.max(0, Math.min(own, this.bound - this.#all)), common: Math.max(0, common) }
  }

  #shareOut(): void {
    const known = this.known()
    if (known === this.#shared) return
    this.#shared = known
    this.#share = shareOf(this.bound, known.size)
    this.#beyond = 0
    for (const series of this.#taken.keys()) this.#beyond += this.#beyondOf(series)
  }

  #takenBy(series: string): number {
    return this.#taken.get(series) ?? 0
  }

  #shareOf(series: string): number {
    return this.#shared.has(series) ? this.#share : 0
  }

  #beyondOf(series: string): number {
    return Math.max(0, this.#takenBy(series) - this.#shareOf(series))
  }
}

function shareOf(bound: number, series: number): number {
  if (series === 0 || series > bound) return 0
  return Math.max(1, Math.floor(bound / 2 / series))
}

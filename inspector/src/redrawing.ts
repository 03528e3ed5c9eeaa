/** What is out of sight is drawn again this often: a screen reader reads it all the same. Not all of it in one frame. */
const laterMs = [2_000, 2_250, 2_500, 2_750, 3_000, 3_250, 3_500, 3_750] as const
let made = 0

/** When one of many elements is drawn anew. */
export class Redrawing {
  #isInSight = true
  #drawnAt = 0
  readonly #laterMs = laterMs[made++ % laterMs.length] ?? 0

  drawn(now: number): void {
    this.#drawnAt = now
  }

  /** True where it has come into sight, and may show what is old. */
  moved(isInSight: boolean): boolean {
    const hasCome = isInSight && !this.#isInSight
    this.#isInSight = isInSight
    return hasCome
  }

  isDue(now: number): boolean {
    return this.#isInSight || Math.abs(now - this.#drawnAt) >= this.#laterMs
  }
}

/** Nobody reads figures that change faster. */
const inSightMs = 500
/** What is out of sight is drawn again this often: a screen reader reads it all the same. */
const outOfSightMs = 4_000
/** Turns that lie this far apart spread evenly, however many there are: https://en.wikipedia.org/wiki/Low-discrepancy_sequence#Additive_recurrence */
const goldenRatio = (Math.sqrt(5) - 1) / 2
let made = 0

/** When one of many elements is drawn anew: each has a turn of its own, so that no frame has many to draw. */
export class Redrawing {
  #isInSight = true
  #drawnAt = NaN
  readonly #phase = made++ * goldenRatio

  /** `now`, here and below: of a clock that goes on whatever becomes of the daemon, whose last words are to be seen. */
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
    const everyMs = this.#isInSight ? inSightMs : outOfSightMs
    const turn = (at: number): number => Math.floor(at / everyMs + this.#phase)
    return turn(now) !== turn(this.#drawnAt)
  }
}

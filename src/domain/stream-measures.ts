import { type Milliseconds, milliseconds, seconds } from './units.ts'

/** What is seen of a stream. Times are monotonic. */
export interface StreamSeen {
  /** When the last whole picture came; `undefined` before the first. */
  readonly lastFrameAt: Milliseconds | undefined
  /** Whole pictures so far, of this stream and of those before it. */
  readonly pictures: number
  /** Since when all pictures have been the same; `undefined` while they are not, or nobody compares them. */
  readonly unchangedSince: Milliseconds | undefined
  /** Pictures a second, over the last 5 s. */
  captureRate(at: Milliseconds): number
  /** Of the pictures of the last 5 s, those that could not be decoded among them. */
  damage(at: Milliseconds): Damage
  /** Decode errors since the last whole picture. */
  readonly decodeErrorsInARow: number
  /** What the decoder said when it failed last in this stream. */
  readonly lastDecodeError: string | undefined
}

export interface Damage {
  /** Could be decoded only in part, or not at all. */
  readonly damaged: number
  readonly pictures: number
}

/** What kept pictures from coming that was not the camera. */
export interface Excuse {
  /** We ourselves were held up, or the wall clock was set: the camera may have been asleep with us. */
  readonly wasAway: boolean
  /** The source waits until there is room for its next picture. */
  readonly isHeldBack: boolean
}

/** What a stream is judged by. */
export interface StreamFacts {
  /** Since the last picture, or since when one could be expected. */
  readonly silence: Milliseconds
  /** For how long all pictures have been the same, of the time in which they could come; `undefined`: they are not, or nobody compares them. */
  readonly unchanged: Milliseconds | undefined
  /** Pictures a second lately; `undefined` while that is not known. */
  readonly rate: number | undefined
  /** Pictures a second, over all of the time until the stream had run for 30 s and a picture came; `undefined` before. */
  readonly usualRate: number | undefined
  /** `undefined` while the stream is younger than what it is taken over. */
  readonly damage: Damage | undefined
}

/** What rate and damage are taken over. */
const window = seconds(5)
/** By then a stream has its usual rate. */
const settledAfter = seconds(30)

/** Measures a stream from look to look. What was not the camera's doing is not measured. */
export class StreamMeasures {
  readonly #beganAt: Milliseconds
  #lookedAt: Milliseconds
  #silentSince: Milliseconds
  #sameSince: Milliseconds
  #ratedSince: Milliseconds
  /** The pictures that had come by then. */
  #ratedFrom: number
  readonly #maxRate: number
  #usualRate: number | undefined
  /** Whether its silence has been excused since its last picture. */
  #wasExcused = false

  constructor(at: Milliseconds, { pictures }: StreamSeen, maxRate = Infinity) {
    this.#beganAt = this.#lookedAt = this.#silentSince = this.#sameSince = this.#ratedSince = at
    this.#ratedFrom = pictures
    this.#maxRate = maxRate
  }

  look(at: Milliseconds, seen: StreamSeen, { wasAway, isHeldBack }: Excuse): StreamFacts {
    const { lastFrameAt = this.#beganAt, unchangedSince } = seen
    // One of the very moment of the last look may have come after it.
    const hasCome = lastFrameAt >= this.#lookedAt
    if (hasCome || isHeldBack) this.#wasExcused = false
    // The pictures of that time may still be in the pipe. Of a camera that is dead they are not: one pass, and no other before the next picture.
    if (isHeldBack || (wasAway && !this.#wasExcused)) this.#silentSince = at
    if (wasAway) {
      this.#wasExcused = true
      this.#ratedSince = at
      this.#ratedFrom = seen.pictures
    }
    // Time in which none could come is not time in which none was new.
    if (wasAway || (isHeldBack && !hasCome)) this.#sameSince = milliseconds(this.#sameSince + at - this.#lookedAt)
    this.#silentSince = latest(this.#silentSince, lastFrameAt)
    this.#sameSince = latest(this.#sameSince, unchangedSince ?? at)
    this.#lookedAt = at
    const rated = at - this.#ratedSince
    const rate = rated < window ? undefined : seen.captureRate(at)
    if (hasCome && rated >= settledAfter) {
      const perSecond = ((seen.pictures - this.#ratedFrom) * 1000) / (lastFrameAt - this.#ratedSince)
      this.#usualRate ??= Math.min(this.#maxRate, perSecond)
    }
    return {
      silence: milliseconds(at - this.#silentSince),
      unchanged: unchangedSince === undefined ? undefined : milliseconds(Math.max(0, lastFrameAt - this.#sameSince)),
      rate,
      usualRate: this.#usualRate,
      damage: at - this.#beganAt < window ? undefined : seen.damage(at),
    }
  }
}

const latest = (one: Milliseconds, other: Milliseconds): Milliseconds => milliseconds(Math.max(one, other))

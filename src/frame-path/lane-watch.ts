import type { Inspection } from '../domain/inspection.ts'
import type { Damage, StreamSeen } from '../domain/stream-measures.ts'
import { type Milliseconds, milliseconds, minutes } from '../domain/units.ts'
import type { LaneStats } from './lane-options.ts'
import { LatencyWindow } from './latency-window.ts'
import { RateMeter } from './rate-meter.ts'

/** A failure says nothing of now once so long has gone by: as long as the latency of what was inspected is told. */
const stale = minutes(1)

/** What can be seen of a lane from outside, beside its account: is the camera sending, can it be decoded, how fast are the answers. */
export class LaneWatch implements StreamSeen {
  readonly #rate = new RateMeter()
  #damaged = new RateMeter()
  #lost = new RateMeter()
  readonly #answers = new RateMeter()
  readonly #latency = new LatencyWindow()
  #failedAt: Milliseconds | undefined
  /** When the latest whole picture came, in monotonic time. */
  lastFrameAt: Milliseconds | undefined
  /** Whole pictures so far. */
  pictures = 0
  /** Since when every picture of this stream has been like the one before it, bit by bit, in monotonic time; `undefined` while they are not. */
  unchangedSince: Milliseconds | undefined
  /** How often the decoder failed since the last good picture of this stream. */
  decodeErrorsInARow = 0
  /** What the decoder said when it failed last in this stream. */
  lastDecodeError: string | undefined
  lastInspection: Inspection | undefined

  captured(at: Milliseconds): void {
    this.#rate.count(at)
    this.pictures++
    this.lastFrameAt = at
    this.decodeErrorsInARow = 0
  }

  /** The next stream is another: what was said of this one is forgotten. */
  endStream(): void {
    this.decodeErrorsInARow = 0
    this.lastDecodeError = undefined
    this.unchangedSince = undefined
    this.#damaged = new RateMeter()
    this.#lost = new RateMeter()
  }

  /** Whether the picture that came last is the same as the one before it. */
  compared(isSame: boolean, at: Milliseconds): void {
    this.unchangedSince = isSame ? (this.unchangedSince ?? at) : undefined
  }

  decodeFailed(detail: string): void {
    this.decodeErrorsInARow++
    this.lastDecodeError = detail
  }

  damaged(at: Milliseconds): void {
    this.#damaged.count(at)
  }

  lost(at: Milliseconds): void {
    this.#lost.count(at)
  }

  /** Its rows are handed to the writer. */
  recorded(arrivedAt: Milliseconds, at: Milliseconds): void {
    this.#answers.count(at)
    this.#latency.add(milliseconds(at - arrivedAt), at)
  }

  /** A frame cannot be inspected. */
  failed(at: Milliseconds): void {
    this.#failedAt = at
  }

  /** Frames captured a second, over the last 5 s. */
  captureRate(at: Milliseconds): number {
    return this.#rate.perSecond(at)
  }

  /** Of the frames captured over the last 5 s, and those that were lost. A decoder that says two things of one picture makes no more of it than that. */
  damage(at: Milliseconds): Damage {
    const captured = this.#rate.total(at)
    const lost = this.#lost.total(at)
    return { damaged: Math.min(this.#damaged.total(at), captured) + lost, pictures: captured + lost }
  }

  /** Beside the account. */
  stats(at: Milliseconds): Omit<LaneStats, 'counts'> {
    const latency = this.#latency.quantiles(at)
    return {
      captureRate: this.captureRate(at),
      inspectedRate: this.#answers.perSecond(at),
      latency,
      failing: latency === undefined && this.#failedAt !== undefined && at - this.#failedAt <= stale,
      lastInspection: this.lastInspection,
    }
  }
}

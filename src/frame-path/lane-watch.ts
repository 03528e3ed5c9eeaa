import type { Inspection } from '../domain/inspection.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import { type LatencyQuantiles, LatencyWindow } from './latency-window.ts'
import { RateMeter } from './rate-meter.ts'

/** What can be seen of a lane from outside, beside its account: is the camera sending, can it be decoded, how fast are the answers. */
export class LaneWatch {
  readonly #rate = new RateMeter()
  readonly #answers = new RateMeter()
  readonly #latency = new LatencyWindow()
  /** When the latest whole picture came, in monotonic time. */
  lastFrameAt: Milliseconds | undefined
  /** How often the decoder failed since the last good picture of this stream. */
  decodeErrorsInARow = 0
  /** Since when every picture of this stream has been like the one before it, in monotonic time. */
  unchangedSince: Milliseconds | undefined
  /** What the decoder said when it failed last. */
  lastDecodeError: string | undefined
  lastInspection: Inspection | undefined

  captured(at: Milliseconds): void {
    this.#rate.count(at)
    this.lastFrameAt = at
    this.decodeErrorsInARow = 0
  }

  /** The next stream is another: what was said of this one is forgotten. */
  endStream(): void {
    this.decodeErrorsInARow = 0
    this.unchangedSince = undefined
  }

  /** Whether the picture that came last is the same as the one before it. */
  compared(isSame: boolean, at: Milliseconds): void {
    this.unchangedSince = isSame ? (this.unchangedSince ?? at) : undefined
  }

  decodeFailed(detail: string): void {
    this.decodeErrorsInARow++
    this.lastDecodeError = detail
  }

  /** Its rows are handed to the writer. */
  recorded(arrivedAt: Milliseconds, at: Milliseconds): void {
    this.#answers.count(at)
    this.#latency.add(milliseconds(at - arrivedAt))
  }

  /** Frames captured a second, over the last 5 s. */
  captureRate(at: Milliseconds): number {
    return this.#rate.perSecond(at)
  }

  /** Frames inspected a second, over the last 5 s. */
  inspectedRate(at: Milliseconds): number {
    return this.#answers.perSecond(at)
  }

  /** From a frame's last byte to its rows, handed to the writer in frame order, over the latest 512. */
  get latency(): LatencyQuantiles | undefined {
    return this.#latency.quantiles
  }
}

import { StreamStalledError, StreamUndecodableError } from '../domain/camera-errors.ts'
import type { CameraId } from '../domain/ids.ts'
import { type Judgement, judgementWords, judgeStream, type StreamFacts } from '../domain/stream-judgement.ts'
import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { StreamJudged } from '../machines/camera-machine.ts'
import type { Clock } from '../ports/clock.ts'
import { fromEvents } from './from-events.ts'
import type { Loose } from './loose.ts'

/** What the watch looks at: one camera's lane. */
export interface Watched {
  readonly cameraId: CameraId
  readonly lossless: boolean
  /** When the last whole picture came, monotonic; `undefined` before the first. */
  readonly lastFrameAt: Milliseconds | undefined
  /** Since when all pictures have been the same, monotonic; `undefined` while they are not. */
  readonly unchangedSince: Milliseconds | undefined
  /** Pictures a second, over the last 5 s. */
  readonly captureRate: number
  /** The source waits until there is room for its next picture: the silence is ours. */
  readonly isHeldBack: boolean
  /** Decode errors since the last whole picture. */
  readonly decodeErrorsInARow: number
  readonly lastDecodeError: string | undefined
}

export interface FrameWatchOptions {
  readonly watched: Watched
  readonly clock: Clock
  readonly stallAfter: Milliseconds | 'auto'
  readonly frozenAfter: Milliseconds | 'off'
  readonly loose: Loose
}

/** So many decode errors without a good picture between them, and the stream is lost. */
export const decodeErrorLimit = 10

/** Looks this often. A look that comes later than `overslept` finds a process that was held up, and gives one pass. */
const lookEvery = milliseconds(250)
const overslept = seconds(1)
/** What the rate is taken over. A stream younger than that has none yet. */
const rateWindow = seconds(5)

/** A stream is stalled after this much silence: 2 s, or 3 of its intervals where that is longer. */
export const defaultStallAfter = (rate: number | undefined): Milliseconds =>
  rate === undefined || rate <= 0 ? seconds(2) : milliseconds(Math.max(2000, 3000 / rate))

/** Watches a stream that has begun: says when it gets worse or better, never ends, and fails when it is silent for too long or cannot be decoded. */
export const createFrameWatch = ({ watched, clock, stallAfter, frozenAfter, loose }: FrameWatchOptions) =>
  fromEvents<StreamJudged, { rate: number | undefined }, never>(loose, async function* ({ input: { rate }, signal }) {
    const limit = stallAfter === 'auto' ? defaultStallAfter(rate) : stallAfter
    let since = clock.monotonic()
    let ratedFrom = since
    let judged: Judgement['type'] = 'fresh'
    for (;;) {
      const { slept, stepped } = await pause(clock, lookEvery, signal)
      const now = clock.monotonic()
      // The pictures of that time may still be in the pipe, or their sender was asleep with us: the silence may not be the camera's.
      const isOurs = slept > lookEvery + overslept || stepped > overslept || watched.isHeldBack
      if (isOurs) {
        since = now
        ratedFrom = now
      }
      since = milliseconds(Math.max(since, watched.lastFrameAt ?? since))
      if (watched.decodeErrorsInARow >= decodeErrorLimit) {
        throw new StreamUndecodableError(watched.cameraId, watched.decodeErrorsInARow, watched.lastDecodeError ?? '')
      }
      const silence = milliseconds(now - since)
      if (silence >= limit) throw new StreamStalledError(watched.cameraId, limit)
      const { unchangedSince } = watched
      const facts: StreamFacts = {
        silence,
        unchanged: unchangedSince === undefined ? undefined : milliseconds(now - unchangedSince),
        // Who reads without loss reads as fast as we take it.
        rate: watched.lossless || now - ratedFrom < rateWindow ? undefined : watched.captureRate,
      }
      const judgement = judgeStream(facts, { rate, frozenAfter }, judged)
      if (judgement.type !== judged) yield { type: `stream.${judgement.type}`, why: judgementWords(judgement) }
      judged = judgement.type
    }
  })

/** Resolves after `delay` with the time that passed, and how far the wall clock was set meanwhile. @throws {signal.reason} */
function pause(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<{ slept: number; stepped: number }> {
  const began = { at: clock.monotonic(), wall: clock.now() }
  return new Promise((resolve, reject) => {
    const abort = () => {
      clock.clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', abort)
      const slept = clock.monotonic() - began.at
      resolve({ slept, stepped: Math.abs(clock.now() - began.wall - slept) })
    }, delay)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

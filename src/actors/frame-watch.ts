import { fromPromise } from 'xstate'
import { StreamStalledError, StreamUndecodableError } from '../domain/camera-errors.ts'
import type { CameraId } from '../domain/ids.ts'
import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'

/** What the watch looks at: one camera's lane. */
export interface Watched {
  readonly cameraId: CameraId
  /** When the last whole picture came, monotonic; `undefined` before the first. */
  readonly lastFrameAt: Milliseconds | undefined
  /** The source waits until there is room for its next picture: the silence is ours. */
  readonly isHeldBack: boolean
  /** Decode errors since the last whole picture. */
  readonly decodeErrorsInARow: number
  readonly lastDecodeError: string | undefined
}

/** So many decode errors without a good picture between them, and the stream is lost. */
export const decodeErrorLimit = 10

/** Looks this often. A look that comes later than `overslept` finds a process that was held up, and gives one pass. */
const lookEvery = milliseconds(250)
const overslept = seconds(1)

/** A stream is stalled after this much silence: 2 s, or 3 of its intervals where that is longer. */
export const defaultStallAfter = (rate: number | undefined): Milliseconds =>
  rate === undefined || rate <= 0 ? seconds(2) : milliseconds(Math.max(2000, 3000 / rate))

/** Watches a stream that has begun; never resolves, and fails when the stream goes silent or cannot be decoded. */
export const createFrameWatch = (watched: Watched, clock: Clock, stallAfter: Milliseconds | 'auto') =>
  fromPromise<never, { rate: number | undefined }>(async ({ input, signal }) => {
    const limit = stallAfter === 'auto' ? defaultStallAfter(input.rate) : stallAfter
    let since = clock.monotonic()
    for (;;) {
      const slept = await pause(clock, lookEvery, signal)
      const now = clock.monotonic()
      // The pictures of that time may still be in the pipe: the silence may be ours and not the camera's.
      if (slept > lookEvery + overslept || watched.isHeldBack) since = now
      since = milliseconds(Math.max(since, watched.lastFrameAt ?? since))
      if (watched.decodeErrorsInARow >= decodeErrorLimit) {
        throw new StreamUndecodableError(watched.cameraId, watched.decodeErrorsInARow, watched.lastDecodeError ?? '')
      }
      if (now - since >= limit) throw new StreamStalledError(watched.cameraId, limit)
    }
  })

/** Resolves after `delay` with the time that passed. @throws {signal.reason} */
function pause(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<Milliseconds> {
  const began = clock.monotonic()
  return new Promise((resolve, reject) => {
    const abort = () => {
      clock.clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = clock.setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve(milliseconds(clock.monotonic() - began))
    }, delay)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}

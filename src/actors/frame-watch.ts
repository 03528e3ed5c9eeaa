import { StreamStalledError, StreamUndecodableError } from '../domain/camera-errors.ts'
import type { CameraId } from '../domain/ids.ts'
import { overslept } from '../domain/overslept.ts'
import {
  type Expectations,
  type Judgement,
  judgementWords,
  judgeStream,
  rateOf,
  recordingStallAfter,
  staleAfter,
  stallAfterByRate,
  stateOf,
  supposedRate,
} from '../domain/stream-judgement.ts'
import { StreamMeasures, type StreamSeen } from '../domain/stream-measures.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import type { StreamJudged } from '../machines/camera-machine.ts'
import type { Clock } from '../ports/clock.ts'
import { fromEvents } from './from-events.ts'
import type { Loose } from './loose.ts'

/** What the watch looks at: one camera's lane. */
export interface Watched {
  readonly cameraId: CameraId
  readonly lossless: boolean
  /** The source waits until there is room for its next picture: the silence is ours. */
  readonly isHeldBack: boolean
  readonly seen: StreamSeen
}

export interface FrameWatchOptions {
  readonly watched: Watched
  readonly clock: Clock
  /** A stretch of it may have no picture, and what is lost begins again at its first: a live source if not given. */
  readonly isRecording?: boolean
  /** What the source skips, as the stream has it. */
  readonly every?: number
  readonly maxRate: number | undefined
  readonly stallAfter: Milliseconds | 'auto'
  readonly frozenAfter: Milliseconds | 'off'
  readonly loose: Loose
}

/** So many decode errors without a good picture between them, and none for 3 intervals: the stream is lost. */
const decodeErrorLimit = 10

/** Looks this often. A look that comes later than `overslept` finds a process that was held up, and gives one pass. */
const lookEvery = milliseconds(250)

interface StreamToWatch {
  /** As announced; `undefined` where the source doesn't say. */
  readonly rate: number | undefined
  /** Of streams and of connections before it, in a row. */
  readonly failures: number
}

/** Watches a stream that has begun: says when it gets worse or better, never ends, and fails when it is silent for too long or, live, cannot be decoded. */
export const createFrameWatch = ({ watched, clock, every = 1, maxRate, ...limits }: FrameWatchOptions) =>
  fromEvents<StreamJudged, StreamToWatch, never>(limits.loose, async function* ({ input, signal }) {
    const { stallAfter, frozenAfter, isRecording = false } = limits
    const leastStall = isRecording ? recordingStallAfter : milliseconds(0)
    const { cameraId, seen } = watched
    const { rate: announced, failures } = input
    const measures = new StreamMeasures(clock.monotonic(), seen, maxRate)
    let judged: Judgement['type'] = 'fresh'
    for (;;) {
      const { slept, stepped } = await pause(clock, lookEvery, signal)
      const wasAway = slept > lookEvery + overslept || stepped > overslept
      const measured = measures.look(clock.monotonic(), seen, { wasAway, isHeldBack: watched.isHeldBack })
      // Who reads without loss reads as fast as we take it, and has no rate to fall short of.
      const facts = watched.lossless ? { ...measured, rate: undefined, usualRate: undefined } : measured
      const supposed = supposedRate({ every, maxRate, stallAfter, failures }, seen.captureRate(clock.monotonic()))
      const expected: Expectations = { announced, supposed, frozenAfter }
      const rate = rateOf(facts, expected)
      // Where few pictures are taken, many packets come between two of them.
      const isBehind = facts.silence >= staleAfter(rate)
      if (!isRecording && isBehind && seen.decodeErrorsInARow >= decodeErrorLimit) {
        throw new StreamUndecodableError(cameraId, seen.decodeErrorsInARow, seen.lastDecodeError ?? '')
      }
      const byRate = milliseconds(Math.max(leastStall, stallAfterByRate(rate)))
      const limit = stallAfter === 'auto' ? byRate : stallAfter
      if (facts.silence >= limit) throw new StreamStalledError(cameraId, limit)
      const judgement = judgeStream(facts, expected, judged)
      if (judgement.type !== judged) yield { type: `stream.${stateOf(judgement.type)}`, why: judgementWords(judgement) }
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

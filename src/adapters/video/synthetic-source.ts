import { CameraCropError } from '../../domain/camera-errors.ts'
import { type Box, liesWithin } from '../../domain/fitting.ts'
import type { Fit } from '../../domain/frame.ts'
import type { CameraId } from '../../domain/ids.ts'
import { milliseconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import type { FrameSink } from '../../ports/frame-sink.ts'
import type { StreamEnd, VideoSource, VideoStream } from '../../ports/video-source.ts'
import { settledOrAborted } from '../settled-or-aborted.ts'
import { BeltThread } from './belt-thread.ts'
import { pause } from './pause.ts'
import { Tenancy } from './tenancy.ts'

export interface SyntheticSourceOptions {
  readonly cameraId: CameraId
  /** A whole number; another seed is another belt. */
  readonly seed: number
  /** Pictures a second. */
  readonly rate: number
  /** Of so many pictures one; without it, all. */
  readonly every?: number
  /** Pictures a second at most; without it, all. */
  readonly fps?: number
  /** The part of the belt's picture that is delivered, which is as large as the sink's; without it, all. */
  readonly crop?: Box
  /** How that part is brought to the sink's size. */
  readonly fit?: Fit
  readonly clock: Clock
}

/**
 * A belt that a thread draws straight into the sink's slots, which must be shared memory. Each `open` begins with frame 0.
 *
 * The belt runs by the clock: what the thread is too slow to draw is skipped, as are the frames that nobody wants. For a lossless sink the belt waits instead.
 */
export function createSyntheticSource(options: SyntheticSourceOptions): VideoSource {
  const { cameraId, seed, rate, every = 1, fps = Infinity, crop, fit = 'letterbox', clock } = options
  const tenancy = new Tenancy()

  const startThread = (sink: FrameSink, leave: () => void): BeltThread => {
    try {
      return new BeltThread(`belt of ${cameraId}`, {
        ...{ seed, rate, ...sink.size },
        ...(crop !== undefined && { cut: { crop, fit } }),
      })
    } catch (error) {
      // Without a thread there is nothing that the next life would have to wait for.
      leave()
      throw error
    }
  }

  const open = async (sink: FrameSink, signal: AbortSignal): Promise<VideoStream> => {
    signal.throwIfAborted()
    if (crop !== undefined && !liesWithin(crop, sink.size)) throw new CameraCropError(cameraId, crop, sink.size)
    const leave = await tenancy.enter(signal)
    const thread = startThread(sink, leave)
    const over = new AbortController()
    const end = (): void => {
      over.abort()
      thread.end()
    }
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()

    const gone = thread.gone.then((failure) => {
      signal.removeEventListener('abort', end)
      over.abort()
      return failure
    })
    const ended = new Promise<StreamEnd>((resolve) => {
      void gone.then((failure) =>
        resolve({ kind: 'lost', detail: failure === undefined ? 'stopped' : failure.message }),
      )
    })
    const firstPicture = new Promise<undefined>((resolve) => {
      const isDrawn = drawnOf(every, (fps * every) / rate)
      const onPicture = () => resolve(undefined)
      const running = run({ thread, sink, rate, isDrawn, clock, signal: over.signal, onPicture })
      // The slot that was being drawn is given back before anybody hears that all is gone.
      void Promise.all([running, gone]).then(leave)
    })
    const began = Promise.race([firstPicture, gone]).then((failure) => {
      if (failure !== undefined) throw failure
      return { rate, sourceSize: sink.size, ended }
    })
    return settledOrAborted(began, signal)
  }
  return { open, released: () => tenancy.vacant() }
}

/** Which frames of the belt are drawn: of each `every` the first, and of those no larger share than that, spread evenly. */
function drawnOf(every: number, share: number): (frame: number) => boolean {
  const before = (nth: number) => Math.ceil(nth * Math.min(1, share))
  return (frame) => frame % every === 0 && before(frame / every) < before(frame / every + 1)
}

interface Run {
  readonly thread: BeltThread
  readonly sink: FrameSink
  readonly rate: number
  readonly isDrawn: (frame: number) => boolean
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onPicture: () => void
}

/** Draws until `signal` aborts; each frame is due at a fixed time from the start, so that lateness doesn't add up. */
async function run({ thread, sink, rate, isDrawn, clock, signal, onPicture }: Run): Promise<void> {
  const interval = 1000 / rate
  let due: number = clock.monotonic()
  for (let frame = 0; ; frame++, due += interval) {
    const late = clock.monotonic() - due
    if (late >= interval && sink.lossless) due += late
    else if (late >= interval) {
      const skipped = Math.floor(late / interval)
      frame += skipped
      due += skipped * interval
    }
    if (!isDrawn(frame)) continue
    if (!(await pause(clock, milliseconds(due - clock.monotonic()), signal))) return
    let slot = sink.reserve()
    while (slot === undefined && sink.lossless) {
      if (!(await hasRoom(sink, signal))) return
      slot = sink.reserve()
    }
    if (slot === undefined) sink.missed(clock.now())
    else if (await thread.draw(frame, slot)) sink.commit(slot, clock.now())
    else return sink.abandon(slot)
    onPicture()
  }
}

/** False when `signal` aborted first. */
const hasRoom = (sink: FrameSink, signal: AbortSignal): Promise<boolean> =>
  sink.room(signal).then(
    () => true,
    (error: unknown) => {
      if (!signal.aborted) throw error
      return false
    },
  )

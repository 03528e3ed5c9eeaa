import {
  CameraAuthenticationError,
  CameraPathError,
  CameraUnreachableError,
  VideoToolError,
} from '../../src/domain/camera-errors.ts'
import type { CameraId } from '../../src/domain/ids.ts'
import { type Milliseconds, milliseconds } from '../../src/domain/units.ts'
import type { Clock, TimerHandle } from '../../src/ports/clock.ts'
import type { FrameSink } from '../../src/ports/frame-sink.ts'
import type { StreamEnd, VideoSource, VideoStream } from '../../src/ports/video-source.ts'
import { breaks, type Fault, fails, type HeldCalls, hangs } from './held-calls.ts'
import type { Witness } from './witness.ts'

const sourceSize = { width: 64, height: 48 }

/** A process that is told to end is gone within this time, says the port. */
const slowExit = milliseconds(2_900)

const opening: readonly Fault[] = [
  fails('unreachable', ({ detail }) => new CameraUnreachableError(detail as CameraId, 'told to')),
  hangs,
  fails('login refused', ({ detail }) => new CameraAuthenticationError(detail as CameraId, 'told to')),
  fails('no such stream', ({ detail }) => new CameraPathError(detail as CameraId, 'told to')),
  fails('no ffmpeg', () => new VideoToolError('ffmpeg', 'told to')),
  breaks,
  {
    name: 'lost, though it had sent',
    strike: (call) => {
      const lose = (stream: unknown): void => {
        ;(stream as Stream).lose('told to')
        call.reject(new CameraUnreachableError(call.detail as CameraId, 'told to, after its first picture'))
      }
      call.carryOut().then(lose, call.reject)
    },
  },
]

/** It takes as long as it may. */
const slow: Fault = { name: 'slow', strike: () => undefined }

/** What a camera does when its next picture is due. */
export type CameraTurn = 'picture' | 'lost' | 'silent' | 'undecodable' | 'burst' | 'finished' | 'damaged' | 'frozen'

/** Intervals in which a camera that is frozen sends its last picture again. */
const frozenFor = 4

/** All cameras, as one process sees them: what opens them, and what they send. */
export interface CameraWorld {
  readonly clock: Clock
  readonly calls: HeldCalls
  readonly witness: Witness
  /** Between two pictures of a camera, as all declare it. */
  readonly interval: Milliseconds
  turn(cameraId: CameraId): CameraTurn
  /** Somebody asks the camera for its stream. */
  opening(cameraId: CameraId): void
}

/** Streams that are open now, or whose process is not gone yet, by camera. */
export class OpenStreams {
  readonly #open = new Map<CameraId, number>()
  change(cameraId: CameraId, by: 1 | -1): void {
    this.#open.set(cameraId, this.of(cameraId) + by)
  }
  of(cameraId: CameraId): number {
    return this.#open.get(cameraId) ?? 0
  }
  get total(): number {
    return [...this.#open.values()].reduce((sum, count) => sum + count, 0)
  }
}

export class SimulatedCamera implements VideoSource {
  #released: Promise<void> = Promise.resolve()

  constructor(
    private readonly cameraId: CameraId,
    private readonly world: CameraWorld,
    private readonly streams: OpenStreams,
  ) {}

  async open(sink: FrameSink, signal: AbortSignal): Promise<VideoStream> {
    signal.throwIfAborted()
    await this.#released
    signal.throwIfAborted()
    this.world.opening(this.cameraId)
    this.streams.change(this.cameraId, 1)
    let gone = (): void => undefined
    this.#released = new Promise((resolve) => (gone = resolve))
    // The process that holds the camera is there from the call on, and ends after the stream, in its own time.
    let hasEnded = false
    const exit = (): void => {
      if (hasEnded) return
      hasEnded = true
      void this.#exit().then(() => {
        this.streams.change(this.cameraId, -1)
        gone()
      })
    }
    try {
      return await this.world.calls.hold({
        name: 'video.open',
        detail: this.cameraId,
        faults: opening,
        signal,
        work: () => new Stream(this.cameraId, this.world, sink, signal, exit),
      })
    } catch (error) {
      exit()
      throw error
    }
  }

  released(): Promise<void> {
    return this.#released
  }

  /** Gone when the director says so, or in the end by itself. */
  #exit(): Promise<void> {
    const { clock, calls } = this.world
    const atLast = new AbortController()
    const timer = clock.setTimeout(() => atLast.abort(), slowExit)
    return calls
      .hold({
        ...{ name: 'video.exit', detail: this.cameraId, faults: [slow], work: () => undefined },
        signal: atLast.signal,
      })
      .catch(() => undefined)
      .finally(() => clock.clearTimeout(timer))
  }
}

class Stream implements VideoStream {
  readonly rate: number
  readonly sourceSize = sourceSize
  readonly ended: Promise<StreamEnd>
  #sayEnded: (end: StreamEnd) => void = () => undefined
  #timer: TimerHandle
  #isOver = false
  #isSilent = false
  #isWaiting = false
  /** So many times its last picture is sent again. */
  #repeats = 0
  #lastSerial: number | undefined
  readonly #onAbort = (): void => this.lose('told to stop')

  constructor(
    private readonly cameraId: CameraId,
    private readonly world: CameraWorld,
    private readonly sink: FrameSink,
    private readonly signal: AbortSignal,
    private readonly exit: () => void,
  ) {
    this.rate = 1000 / world.interval
    this.ended = new Promise((resolve) => (this.#sayEnded = resolve))
    signal.addEventListener('abort', this.#onAbort)
    this.#picture()
    this.#next()
  }

  #next(): void {
    this.#timer = this.world.clock.setTimeout(() => {
      if (!this.#isWaiting && !this.#isSilent) this.#turn()
      if (!this.#isOver) this.#next()
    }, this.world.interval)
  }

  #turn(): void {
    if (this.#repeats > 0) {
      this.#repeats--
      return this.#picture(this.#lastSerial)
    }
    switch (this.world.turn(this.cameraId)) {
      case 'picture':
        return this.#picture()
      case 'burst':
        for (let count = 0; count < 4; count++) this.#picture()
        return
      case 'lost':
        return this.lose('the camera went away')
      case 'silent':
        this.#isSilent = true
        return
      case 'finished':
        return this.#end({ kind: 'finished', detail: 'read to its end' })
      case 'undecodable':
        for (let count = 0; count < 10; count++) this.sink.decodeFailed('told to')
        return
      case 'damaged':
        this.#picture()
        return this.sink.damaged()
      case 'frozen':
        this.#repeats = frozenFor
        return this.#picture(this.#lastSerial)
    }
  }

  /** `again`: the one of that number. */
  #picture(again?: number): void {
    const { witness, clock } = this.world
    const slot = this.sink.reserve()
    if (slot !== undefined) {
      const capturedAt = clock.now()
      this.#lastSerial = witness.drawInto(slot.bytes, this.cameraId, capturedAt, again)
      this.sink.commit(slot, capturedAt)
    } else if (this.sink.lossless) this.#wait(again)
    else {
      witness.missed(this.cameraId)
      this.sink.missed(clock.now())
    }
  }

  #wait(again: number | undefined): void {
    this.#isWaiting = true
    this.sink.room(this.signal).then(
      () => {
        this.#isWaiting = false
        if (!this.#isOver) this.#picture(again)
      },
      () => undefined,
    )
  }

  lose(detail: string): void {
    this.#end({ kind: 'lost', detail })
  }

  #end(end: StreamEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.signal.removeEventListener('abort', this.#onAbort)
    this.world.clock.clearTimeout(this.#timer)
    this.#sayEnded(end)
    this.exit()
  }
}

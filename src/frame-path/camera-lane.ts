import type { DropCause } from '../domain/frame-account.ts'
import { defaultPriority } from '../domain/priority.ts'
import type { CapturedFrame, PictureSize } from '../domain/frame.ts'
import { regionOf } from '../domain/fitting.ts'
import type { InspectedPicture } from '../domain/inspected-picture.ts'
import type { CameraId, Epoch } from '../domain/ids.ts'
import type { Inspection } from '../domain/inspection.ts'
import type { StreamSeen } from '../domain/stream-measures.ts'
import type { EpochMs, Milliseconds } from '../domain/units.ts'
import type { FrameSink, FrameSlot } from '../ports/frame-sink.ts'
import type { CameraLedger } from './camera-ledger.ts'
import { FrameRing } from './frame-ring.ts'
import type { Settle } from './in-order.ts'
import type { InferenceJob } from './inference-job.ts'
import { type LaneOptions, type LaneStats, slotsFor } from './lane-options.ts'
import { LaneOrder } from './lane-order.ts'
import { LaneWatch } from './lane-watch.ts'
import { LastInspected } from './last-inspected.ts'
import { LatestPicture } from './latest-picture.ts'
import { type Glance, MotionGate } from './motion-gate.ts'

/** One connection to the camera. What it sends may come before we are told its picture's size, and waits until then. */
interface Stream {
  sourceSize: PictureSize | undefined
}

interface WaitingFrame {
  readonly frame: CapturedFrame
  readonly stream: Stream
  readonly slot: number
  readonly previous: number | undefined
  readonly arrivedAt: Milliseconds
  /** What the motion gate saw of it. */
  readonly glance: Glance | undefined
  /** Its place in the order in which answers leave, where it was given out and has come back. */
  readonly settle?: Settle
}

/**
 * So many frames of a lossless camera wait at most, however many slots are free: one for the next thread and one for the one after it.
 * More would only be older when they are taken, and use memory that the caches share.
 */
const mostWaiting = 2

/**
 * The way of one camera's frames from its source to the scheduler, and of their answers on to the writer.
 *
 * It lives as long as the camera's configuration stays as it is, whatever happens to source and workers. What must never start
 * again, its account and its numbers, is in the camera's ledger. Results leave in frame order.
 */
export class CameraLane implements FrameSink {
  readonly cameraId: CameraId
  readonly size: PictureSize
  readonly lossless: boolean
  readonly priority: number

  readonly #options: LaneOptions
  readonly #ring: FrameRing
  readonly #latest: LatestPicture
  readonly #lastInspected: LastInspected
  readonly #gate: MotionGate | undefined
  readonly #ledger: CameraLedger
  readonly #order: LaneOrder
  readonly #watch = new LaneWatch()
  readonly #reserved = new Map<FrameSlot, Stream>()
  readonly #waiting: WaitingFrame[] = []
  #stream: Stream = { sourceSize: undefined }
  #sourceSize: PictureSize | undefined
  /** Tells the scheduler that a frame may be taken; `undefined` while the lane is in none. */
  #notify: (() => void) | undefined

  constructor(options: LaneOptions) {
    this.#options = options
    this.#ledger = options.ledger
    this.#order = new LaneOrder(options.ledger.order)
    this.cameraId = options.cameraId
    this.size = options.size
    this.lossless = options.policy === 'wait'
    this.priority = options.priority ?? defaultPriority
    this.#ring = new FrameRing(options.size, slotsFor(options))
    this.#latest = new LatestPicture(this.#ring, options)
    this.#lastInspected = new LastInspected(this.#ring, options.fit)
    if (options.motionGate !== undefined) this.#gate = new MotionGate(options.size, options.motionGate)
  }

  // What the camera's actor says.

  /** A new incarnation of the camera. Nobody writes into the slots of an earlier one any more: its source has been released. */
  beginEpoch(epoch: Epoch): void {
    const ledger = this.#ledger
    if (epoch < ledger.epoch)
      throw new RangeError(`Epoch ${epoch} of camera ${this.cameraId} is over: ${ledger.epoch} runs`)
    this.endStream()
    for (const slot of this.#reserved.keys()) this.abandon(slot)
    if (epoch !== ledger.epoch) ledger.nextNumber = 0
    ledger.epoch = epoch
  }

  /** The source is open and the size of the camera's own picture is known; frames that came before this were of this stream too. */
  beginStream(sourceSize: PictureSize): void {
    this.#stream.sourceSize = sourceSize
    this.#sourceSize = sourceSize
    this.#notify?.()
  }

  /** The source has ended. Frames that wait stay, the predecessor is forgotten: the next stream's first frame has none. */
  endStream(): void {
    // A stream that was never begun has frames of which nobody knows the scale.
    const orphans = this.#waiting.filter(({ stream }) => stream.sourceSize === undefined)
    for (const orphan of orphans) this.#drop(orphan, 'stopped')
    this.#latest.forget()
    this.#stream = { sourceSize: undefined }
    this.#watch.endStream()
  }

  // What the camera's actor watches.

  /** What is seen of its stream. */
  get seen(): StreamSeen {
    return this.#watch
  }

  /** Whether its source is open, and frames may come. */
  get isStreaming(): boolean {
    return this.#stream.sourceSize !== undefined
  }

  /** Whether a lossless source has to wait: it may not take a slot, and has none. */
  get isHeldBack(): boolean {
    return this.lossless && this.#reserved.size === 0 && (this.#ring.freeSlots === 0 || !this.#mayReserve())
  }

  /** Of the camera's own picture, as the latest stream has told. */
  get sourceSize(): PictureSize | undefined {
    return this.#sourceSize
  }

  /** The last inspected frame, to be shown; `undefined` until there is one. */
  get lastInspected(): InspectedPicture | undefined {
    return this.#lastInspected.picture
  }

  get stats(): LaneStats {
    return { counts: this.#ledger.account.counts, ...this.#watch.stats(this.#options.clock.monotonic()) }
  }

  // What the source does.

  reserve(): FrameSlot | undefined {
    const index = this.#mayReserve() ? this.#ring.take() : undefined
    if (index === undefined) return undefined
    // A new object each time, so that a source of an earlier incarnation cannot give back what it no longer has.
    const slot: FrameSlot = { index, bytes: this.#ring.bytes(index) }
    this.#reserved.set(slot, this.#stream)
    return slot
  }

  room(signal: AbortSignal): Promise<void> {
    return this.#ring.room(signal, () => this.#mayReserve())
  }

  abandon(slot: FrameSlot): void {
    if (this.#reserved.delete(slot)) this.#ring.release(slot.index)
  }

  commit(slot: FrameSlot, capturedAt: EpochMs): void {
    // Reserved in a stream that is over, or given up with its epoch: it belongs to no stream that we count.
    if (this.#reserved.get(slot) !== this.#stream) return this.abandon(slot)
    this.#reserved.delete(slot)
    const arrivedAt = this.#options.clock.monotonic()
    const frame = this.#captured(capturedAt, arrivedAt)
    const isSame = this.#latest.isSameAs(slot.index)
    if (isSame !== undefined) this.#watch.compared(isSame, arrivedAt)
    const previous = this.#latest.succeed(slot.index)
    const glance = this.#gate?.glance(slot.bytes)
    const waiting: WaitingFrame = { frame, stream: this.#stream, slot: slot.index, previous, arrivedAt, glance }
    this.#waiting.push(waiting)
    if (this.#notify === undefined) return this.#drop(waiting, 'stopped')
    if (this.#options.frames === 2 && previous === undefined) return this.#drop(waiting, 'no-predecessor')
    if (glance !== undefined && this.#gate?.isUnchanged(glance) === true) return this.#drop(waiting, 'unchanged')
    const [older] = this.#waiting
    if (!this.lossless && older !== undefined && older !== waiting) this.#drop(older, 'superseded')
    this.#notify()
  }

  missed(capturedAt: EpochMs): void {
    this.#captured(capturedAt, this.#options.clock.monotonic())
    this.#ledger.account.dropped('no-slot')
  }

  decodeFailed(detail: string): void {
    this.#watch.decodeFailed(detail)
  }

  damaged(): void {
    this.#watch.damaged(this.#options.clock.monotonic())
  }

  lost(): void {
    this.#watch.lost(this.#options.clock.monotonic())
  }

  resized(): void {
    const ofThis = this.#waiting.filter(({ stream }) => stream === this.#stream)
    for (const waiting of ofThis) this.#drop(waiting, 'stopped')
  }

  // What the scheduler does.

  /** How many frames wait and could be taken. */
  get takeable(): number {
    // One that has come back is what the others wait for.
    if (this.#order.isFull && this.#waiting[0]?.settle === undefined) return 0
    // Frames of a stream whose size isn't known yet came last.
    return this.#waiting.filter(({ stream }) => stream.sourceSize !== undefined).length
  }

  /** When the frame came that `take` would give, on the clock of durations; `undefined` if it would give none. */
  get nextArrivedAt(): Milliseconds | undefined {
    return this.takeable === 0 ? undefined : this.#waiting[0]?.arrivedAt
  }

  /** How many frames wait at most. */
  get waitingLimit(): number {
    return this.lossless ? mostWaiting : 1
  }

  attach(notify: () => void): void {
    this.#notify = notify
  }

  /** Nothing more will be taken: what waits, and what comes until `attach`, is dropped(stopped). What is in a worker goes on. */
  detach(): void {
    this.#notify = undefined
    for (const waiting of [...this.#waiting]) this.#drop(waiting, 'stopped')
  }

  /** The frame that has waited longest. */
  take(): InferenceJob | undefined {
    if (this.takeable === 0) return undefined
    const waiting = this.#waiting.shift()
    const sourceSize = waiting?.stream.sourceSize
    if (waiting === undefined || sourceSize === undefined) return undefined
    if (this.lossless) this.#ring.lookAgain()
    const { frame, slot, previous, arrivedAt, glance } = waiting
    const { fit, crop, models, clock, recorder } = this.#options
    const settle = waiting.settle ?? this.#order.enter()
    return {
      frame,
      task: {
        picture: this.#ring.picture(slot),
        previous: previous === undefined ? undefined : this.#ring.picture(previous),
        sourceSize,
        ...(crop && { crop }),
        fit,
        models,
      },
      answered: async ({ findings }) => {
        const inspection: Inspection = { frame, findings }
        this.#ledger.account.inspected()
        const isLatest = this.#lastInspected.keep(inspection, regionOf(sourceSize, crop), slot)
        if (isLatest && glance !== undefined) this.#gate?.inspected(glance)
        // A lossless camera is held back by its own slots until its rows are accepted; a live one is not.
        if (!this.lossless) this.#release(waiting)
        await settle(() => {
          this.#watch.lastInspection = inspection
          const recorded = (): void => this.#watch.recorded(arrivedAt, clock.monotonic())
          if (!this.lossless) return void (recorder.record(inspection), recorded())
          const recording = recorder.recordWhenRoom(inspection, this.#ledger.end)
          return recording.finally(() => this.#release(waiting)).then(recorded)
        })
        this.#notify?.()
      },
      failed: async (cause) => {
        this.#ledger.account.failed(cause)
        // A cut-off is no fault of the frame.
        if (cause !== 'cut-off') this.#watch.failed(clock.monotonic())
        this.#release(waiting)
        await settle()
        this.#notify?.()
      },
      giveBack: () => {
        const again = { ...waiting, settle }
        const [other] = this.#waiting
        this.#waiting.unshift(again)
        if (this.#notify === undefined) return this.#drop(again, 'stopped')
        if (!this.lossless && other !== undefined)
          this.#drop(again.arrivedAt > other.arrivedAt ? other : again, 'superseded')
        this.#notify()
      },
    }
  }

  /** Whether one frame more may come. A live camera's always may: it takes the place of the one that waits. */
  #mayReserve(): boolean {
    return !this.lossless || this.#waiting.length < mostWaiting
  }

  #captured(capturedAt: EpochMs, at: Milliseconds): CapturedFrame {
    const ledger = this.#ledger
    ledger.account.captured()
    this.#watch.captured(at)
    return { cameraId: this.cameraId, epoch: ledger.epoch, number: ledger.nextNumber++, capturedAt }
  }

  #drop(waiting: WaitingFrame, cause: DropCause): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
    this.#ledger.account.dropped(cause)
    this.#release(waiting)
    void waiting.settle?.()
  }

  #release({ slot, previous }: WaitingFrame): void {
    this.#ring.release(slot)
    if (previous !== undefined) this.#ring.release(previous)
  }
}

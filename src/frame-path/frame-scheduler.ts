import { defaultPriority } from '../domain/priority.ts'
import type { CameraLane } from './camera-lane.ts'
import type { InferenceJob } from './inference-job.ts'

interface Taker {
  readonly give: (job: InferenceJob) => void
}

/** How long a turn takes, in the scheduler's own time. A step of priority is a share twice as large. */
const turnOf = ({ priority }: CameraLane): number => 2 ** (defaultPriority - priority)

/**
 * Gives the frames of all cameras to whoever is free to inspect them. Where there are too many, each camera has the share that its priority says,
 * and may be one turn ahead of it: of the cameras that are not, the one whose frame is the youngest is next, and of frames as young that whose camera was
 * served longest ago. None starves.
 *
 * It outlives workers and pools: frames wait in their lanes, by each lane's own policy, until somebody takes them.
 */
export class FrameScheduler {
  /**
   * When each camera's next turn is, in a time of the scheduler's own that moves with every turn: a turn takes longer the less its camera weighs.
   * In the order in which they were served, the one served longest ago first.
   */
  readonly #turns = new Map<CameraLane, number>()
  #now = 0
  readonly #takers = new Set<Taker>()
  #closed = false

  /** Frames of this lane are given out from here on. */
  add(lane: CameraLane): void {
    if (this.#closed) return lane.detach()
    this.#turns.set(lane, this.#now)
    lane.attach(() => this.#dispatch())
    this.#dispatch()
  }

  /** What waits in it is dropped(stopped). A camera that is merely stopped stays: its frames are still to be inspected. */
  remove(lane: CameraLane): void {
    if (this.#turns.delete(lane)) lane.detach()
  }

  /** The end: removes all lanes, and takes in no others. */
  close(): void {
    this.#closed = true
    for (const lane of this.#turns.keys()) this.remove(lane)
  }

  /** How many frames wait and could be taken. */
  get waiting(): number {
    return [...this.#turns.keys()].reduce((total, lane) => total + lane.takeable, 0)
  }

  /** Those of cameras that lose none. */
  get owed(): number {
    return [...this.#turns.keys()].reduce((total, { lossless, takeable }) => total + (lossless ? takeable : 0), 0)
  }

  /** How many may wait at most, all cameras taken together. */
  get waitingLimit(): number {
    return [...this.#turns.keys()].reduce((total, lane) => total + lane.waitingLimit, 0)
  }

  /** The next frame, if one waits. */
  takeNow(): InferenceJob | undefined {
    const ready = [...this.#turns]
      .flatMap(([lane, turn]) =>
        lane.nextArrivedAt === undefined ? [] : [{ lane, turn, arrivedAt: lane.nextArrivedAt }],
      )
      .sort((a, b) => a.turn - b.turn)
    const [first] = ready
    if (first === undefined) return undefined
    this.#now = Math.max(this.#now, first.turn)
    const { lane, turn } = ready
      .filter((one) => one.turn <= first.turn + turnOf(one.lane))
      .reduce((youngest, one) => (one.arrivedAt > youngest.arrivedAt ? one : youngest))
    // Taken out and put in again: to the end of the line. Who had nothing to give for a while has saved up one turn, and no more.
    this.#turns.delete(lane)
    this.#turns.set(lane, Math.max(this.#now - turnOf(lane), turn) + turnOf(lane))
    return lane.take()
  }

  /**
   * The next frame for a worker that has one in hand already, if one waits. None while any live camera sends: of those the newest frame is wanted,
   * and which that will be is not known before the worker is free.
   */
  takeAhead(): InferenceJob | undefined {
    for (const { lossless, isStreaming } of this.#turns.keys()) if (!lossless && isStreaming) return undefined
    return this.takeNow()
  }

  /** The next frame, now or as soon as there is one; takers are served in the order in which they came. @throws {signal.reason} */
  async take(signal: AbortSignal): Promise<InferenceJob> {
    signal.throwIfAborted()
    const waiting = this.#takers.size === 0 ? this.takeNow() : undefined
    if (waiting !== undefined) return waiting
    return new Promise<InferenceJob>((resolve, reject) => {
      const leave = (): void => {
        this.#takers.delete(taker)
        signal.removeEventListener('abort', abort)
      }
      const abort = (): void => {
        leave()
        reject(signal.reason as Error)
      }
      const taker: Taker = {
        give: (job) => {
          leave()
          resolve(job)
        },
      }
      this.#takers.add(taker)
      signal.addEventListener('abort', abort)
    })
  }

  #dispatch(): void {
    for (const taker of this.#takers) {
      const job = this.takeNow()
      if (job === undefined) return
      taker.give(job)
    }
  }
}

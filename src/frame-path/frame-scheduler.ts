import type { CameraLane } from './camera-lane.ts'
import type { InferenceJob } from './inference-job.ts'

interface Taker {
  readonly give: (job: InferenceJob) => void
}

/**
 * Gives the frames of all cameras to whoever is free to inspect them, the camera first that was served longest ago.
 *
 * It outlives workers and pools: frames wait in their lanes, by each lane's own policy, until somebody takes them.
 */
export class FrameScheduler {
  /** In the order in which they were served, the one served longest ago first. */
  readonly #lanes = new Set<CameraLane>()
  readonly #takers = new Set<Taker>()
  #closed = false

  /** Frames of this lane are given out from here on. */
  add(lane: CameraLane): void {
    if (this.#closed) return lane.detach()
    this.#lanes.add(lane)
    lane.attach(() => this.#dispatch())
    this.#dispatch()
  }

  /** What waits in it is dropped(stopped). A camera that is merely stopped stays: its frames are still to be inspected. */
  remove(lane: CameraLane): void {
    if (this.#lanes.delete(lane)) lane.detach()
  }

  /** The end: removes all lanes, and takes in no others. */
  close(): void {
    this.#closed = true
    for (const lane of this.#lanes) this.remove(lane)
  }

  /** How many frames wait and could be taken. */
  get waiting(): number {
    return [...this.#lanes].reduce((total, lane) => total + lane.takeable, 0)
  }

  /** The next frame, if one waits. */
  takeNow(): InferenceJob | undefined {
    for (const lane of this.#lanes) {
      const job = lane.take()
      if (job === undefined) continue
      // To the end of the line.
      this.#lanes.delete(lane)
      this.#lanes.add(lane)
      return job
    }
    return undefined
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

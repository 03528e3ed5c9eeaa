import { FrameAccount } from '../domain/frame-account.ts'
import type { Epoch } from '../domain/ids.ts'
import { InOrder } from './in-order.ts'

/**
 * What of a camera outlives its lanes: its account, where its epochs and frame numbers stand, and the order of its answers.
 *
 * A camera whose configuration changes gets a new lane, and so does one that is removed and added again. What the old lane has
 * in workers goes on: it is counted here, and leaves before anything of the new one.
 */
export class CameraLedger {
  readonly account = new FrameAccount()
  readonly order = new InOrder()
  /** How many results had as much in them as is kept of a frame, so that rows may be missing. */
  resultsAtBound = 0
  /** Of the latest incarnation of the camera. */
  epoch: Epoch = 0
  /** Of the next frame in this epoch. */
  nextNumber = 0
  readonly #end = new AbortController()

  /** The end: answers that still wait for room in the writer's queue are handed over at once, and counted there if refused. */
  cutOff(): void {
    this.#end.abort()
  }

  /** Aborts with `cutOff`. */
  get end(): AbortSignal {
    return this.#end.signal
  }
}

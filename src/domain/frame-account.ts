/** Why a captured frame was not given to inference. */
export type DropCause =
  /** A newer frame of the same camera took its place before a worker was free. */
  | 'superseded'
  /** All slots of the ring were taken when it arrived. */
  | 'no-slot'
  /** It is the first of its stream, and a model asks for two. */
  | 'no-predecessor'
  /** It shows nothing that the last inspected frame of its camera didn't, and the camera has a motion gate. */
  | 'unchanged'
  /** It was waiting when the camera or inference was stopped. */
  | 'stopped'

/** Why a frame that was given to inference has no answer. */
export type FailCause =
  /** The deadline passed; the worker is retired. */
  | 'timeout'
  /** The model's run threw. */
  | 'inference-error'
  /** The worker died. */
  | 'worker-died'
  /** Inference was cut off by a stop. */
  | 'cut-off'

/** Where a camera's frames are. Always: captured = inspected + dropped + failed + in flight. */
export interface FrameCounts {
  readonly captured: number
  readonly inspected: number
  readonly dropped: Readonly<Record<DropCause, number>>
  readonly failed: Readonly<Record<FailCause, number>>
  /** Waiting for a worker or in one. */
  readonly inFlight: number
}

/** The account of one camera since the daemon's start, over all its epochs. */
export class FrameAccount {
  #captured = 0
  #inspected = 0
  readonly #dropped: Record<DropCause, number> = {
    superseded: 0,
    'no-slot': 0,
    'no-predecessor': 0,
    unchanged: 0,
    stopped: 0,
  }
  readonly #failed: Record<FailCause, number> = { timeout: 0, 'inference-error': 0, 'worker-died': 0, 'cut-off': 0 }

  captured(): void {
    this.#captured++
  }
  inspected(): void {
    this.#inspected++
  }
  dropped(cause: DropCause): void {
    this.#dropped[cause]++
  }
  failed(cause: FailCause): void {
    this.#failed[cause]++
  }

  get counts(): FrameCounts {
    const settled = this.#inspected + sum(this.#dropped) + sum(this.#failed)
    return {
      captured: this.#captured,
      inspected: this.#inspected,
      dropped: { ...this.#dropped },
      failed: { ...this.#failed },
      inFlight: this.#captured - settled,
    }
  }
}

export const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

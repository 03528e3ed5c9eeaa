import { bytesPerPicture, type PictureSize } from '../domain/frame.ts'
import type { SharedPicture } from '../domain/inference-task.ts'

/**
 * One camera's slots in shared memory, each free or held by one or more holders: the source that fills it, the frame in it, the frame after it.
 *
 * A slot is one picture long. The slot freed last is taken first, so that slots beyond those in use never cost real memory.
 */
export class FrameRing {
  readonly #buffer: SharedArrayBuffer
  readonly #slotBytes: number
  readonly #holders: number[]
  readonly #free: number[]
  readonly #waiters = new Set<() => void>()

  constructor(
    readonly size: PictureSize,
    slots: number,
  ) {
    this.#slotBytes = bytesPerPicture(size)
    this.#buffer = new SharedArrayBuffer(this.#slotBytes * slots)
    this.#holders = Array.from({ length: slots }, () => 0)
    this.#free = Array.from({ length: slots }, (_, index) => slots - 1 - index)
  }

  get freeSlots(): number {
    return this.#free.length
  }

  /** A free slot, held once from here on; `undefined` while all are held. */
  take(): number | undefined {
    const slot = this.#free.pop()
    if (slot !== undefined) this.#holders[slot] = 1
    return slot
  }

  /** One holder more. */
  hold(slot: number): void {
    this.#holders[slot] = this.#held(slot) + 1
  }

  /** One holder less; the last one frees the slot. */
  release(slot: number): void {
    const left = this.#held(slot) - 1
    this.#holders[slot] = left
    if (left > 0) return
    this.#free.push(slot)
    this.lookAgain()
  }

  /** Whoever waits for room looks whether there is some now. */
  lookAgain(): void {
    for (const wake of this.#waiters) wake()
  }

  bytes(slot: number): Uint8Array {
    return new Uint8Array(this.#buffer, slot * this.#slotBytes, this.#slotBytes)
  }

  picture(slot: number): SharedPicture {
    return { buffer: this.#buffer, byteOffset: slot * this.#slotBytes, size: this.size }
  }

  /** Resolves as soon as a slot is free and whoever waits for it may take one. @throws {signal.reason} */
  async room(signal: AbortSignal, mayTake: () => boolean = () => true): Promise<void> {
    signal.throwIfAborted()
    while (this.#free.length === 0 || !mayTake()) await this.#change(signal)
  }

  /** Resolves when there may be room. @throws {signal.reason} */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(wake)
        signal.removeEventListener('abort', abort)
      }
      const wake = (): void => {
        leave()
        resolve()
      }
      const abort = (): void => {
        leave()
        reject(signal.reason as Error)
      }
      this.#waiters.add(wake)
      signal.addEventListener('abort', abort)
    })
  }

  #held(slot: number): number {
    const holders = this.#holders[slot]
    // Releasing twice would give one picture's memory to two frames.
    if (holders === undefined || holders === 0) throw new Error(`Slot ${slot} of the frame ring is not held by anyone`)
    return holders
  }
}

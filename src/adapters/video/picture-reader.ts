import { bytesPerPicture } from '../../domain/frame.ts'
import type { EpochMs } from '../../domain/units.ts'
import type { FrameSink, FrameSlot } from '../../ports/frame-sink.ts'

/** Cuts a stream of raw pictures into a sink's slots; each byte is copied once. */
export class PictureReader {
  readonly #pictureBytes: number
  #slot: FrameSlot | undefined
  /** Bytes of the current picture so far, whether it has a slot or is read past. */
  #filled = 0

  constructor(
    private readonly sink: FrameSink,
    private readonly now: () => EpochMs,
    /** After each picture, committed or missed. */
    private readonly onPicture: () => void,
  ) {
    this.#pictureBytes = bytesPerPicture(sink.size)
  }

  /** Takes bytes and says how many: all, unless the sink is lossless and has no room; then offer the rest again when it has. */
  take(chunk: Uint8Array): number {
    let taken = 0
    while (taken < chunk.length) {
      if (this.#filled === 0) {
        this.#slot = this.sink.reserve()
        if (this.#slot === undefined && this.sink.lossless) return taken
      }
      const part = chunk.subarray(taken, taken + this.#pictureBytes - this.#filled)
      this.#slot?.bytes.set(part, this.#filled)
      taken += part.length
      this.#filled += part.length
      if (this.#filled === this.#pictureBytes) this.#finish()
    }
    return taken
  }

  /** Nothing more comes. Returns whether that is inside a picture, which is then given up. */
  end(): boolean {
    const inside = this.#filled > 0
    if (this.#slot !== undefined) this.sink.abandon(this.#slot)
    this.#slot = undefined
    this.#filled = 0
    return inside
  }

  #finish(): void {
    const slot = this.#slot
    // Forgotten first: from `commit` on the slot is not ours, whatever `commit` does.
    this.#slot = undefined
    this.#filled = 0
    if (slot === undefined) this.sink.missed(this.now())
    else this.sink.commit(slot, this.now())
    this.onPicture()
  }
}

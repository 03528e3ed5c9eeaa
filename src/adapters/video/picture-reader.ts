import { bytesPerPicture } from '../../domain/frame.ts'
import type { EpochMs } from '../../domain/units.ts'
import type { FrameSink, FrameSlot } from '../../ports/frame-sink.ts'

/** What is put beside the slots at a time, while there is none. */
const spillBytes = 64 * 1024

/**
 * Cuts a stream of raw pictures into a sink's slots.
 *
 * Whoever reads the stream puts bytes where `space` says: into a slot itself as soon as there is one, so that nothing copies them again.
 */
export class PictureReader {
  readonly #pictureBytes: number
  readonly #spill = new Uint8Array(spillBytes)
  /** Of the spill: what is not taken yet. */
  #held = this.#spill.subarray(0, 0)
  #slot: FrameSlot | undefined
  /** Bytes of the current picture so far, whether it has a slot or is read past. */
  #filled = 0
  #begun = false
  #putsIntoSlot = false

  constructor(
    private readonly sink: FrameSink,
    private readonly now: () => EpochMs,
    /** After each picture, committed or missed. */
    private readonly onPicture: () => void,
  ) {
    this.#pictureBytes = bytesPerPicture(sink.size)
  }

  /** Pictures may be committed from here on. */
  begin(): void {
    this.#begun = true
  }

  /** Where the next bytes are to be put; never empty. */
  space(): Uint8Array {
    if (this.#begun && this.#held.length === 0 && this.#filled === 0) this.#slot ??= this.sink.reserve()
    this.#putsIntoSlot = this.#slot !== undefined && this.#held.length === 0
    return this.#putsIntoSlot && this.#slot !== undefined ? this.#slot.bytes.subarray(this.#filled) : this.#spill
  }

  /** So many bytes have been put into the space. Says whether all are taken; if not, no more may come until `takeHeld` says so. */
  put(count: number): boolean {
    if (!this.#putsIntoSlot) {
      this.#held = this.#spill.subarray(0, count)
      return this.takeHeld()
    }
    this.#count(count)
    return true
  }

  /** Says whether all is taken: not before `begin`, nor while the sink is lossless and has no room. */
  takeHeld(): boolean {
    while (this.#held.length > 0) {
      if (!this.#begun) return false
      if (this.#filled === 0) this.#slot ??= this.sink.reserve()
      if (this.#filled === 0 && this.#slot === undefined && this.sink.lossless) return false
      const part = this.#held.subarray(0, this.#pictureBytes - this.#filled)
      this.#slot?.bytes.set(part, this.#filled)
      this.#held = this.#held.subarray(part.length)
      this.#count(part.length)
    }
    return true
  }

  /** Nothing more comes. Returns whether that is inside a picture, which is then given up. */
  end(): boolean {
    const inside = this.#filled > 0
    if (this.#slot !== undefined) this.sink.abandon(this.#slot)
    this.#slot = undefined
    this.#filled = 0
    this.#held = this.#spill.subarray(0, 0)
    return inside
  }

  #count(bytes: number): void {
    this.#filled += bytes
    if (this.#filled < this.#pictureBytes) return
    const slot = this.#slot
    // Forgotten first: from `commit` on the slot is not ours, whatever `commit` does.
    this.#slot = undefined
    this.#filled = 0
    if (slot === undefined) this.sink.missed(this.now())
    else this.sink.commit(slot, this.now())
    this.onPicture()
  }
}

import type { FrameRing } from './frame-ring.ts'

export interface LatestPictureOptions {
  /** How many frames the camera's models take: with 2, each frame is given the one before it. */
  readonly frames: 1 | 2
  /** Whether each picture is compared with the one before it. */
  readonly comparesPictures?: boolean
}

/** Holds the slot of a stream's latest picture for the frame after it, where that is compared with it or has to be given it. */
export class LatestPicture {
  readonly #frames: 1 | 2
  readonly #compares: boolean
  #slot: number | undefined

  constructor(
    private readonly ring: FrameRing,
    { frames, comparesPictures = false }: LatestPictureOptions,
  ) {
    this.#frames = frames
    this.#compares = comparesPictures
  }

  /** Whether the picture in `slot` is the latest again, bit by bit; `undefined` where there is none, or nothing is compared. */
  isSameAs(slot: number): boolean | undefined {
    if (!this.#compares || this.#slot === undefined) return undefined
    // Stops at the first difference, so that it costs something only where there is none.
    return Buffer.compare(this.ring.bytes(this.#slot), this.ring.bytes(slot)) === 0
  }

  /** The picture in `slot` is the latest from here on. Gives the one before it, held for the frame in `slot`, where models take two. */
  succeed(slot: number): number | undefined {
    if (this.#frames === 1 && !this.#compares) return undefined
    const previous = this.#slot
    this.ring.hold(slot)
    this.#slot = slot
    if (this.#frames === 2 || previous === undefined) return previous
    this.ring.release(previous)
    return undefined
  }

  /** The next stream's first frame has none before it. */
  forget(): void {
    if (this.#slot !== undefined) this.ring.release(this.#slot)
    this.#slot = undefined
  }
}

/** What the page has shown of a camera. */
export interface ShownPicture {
  readonly frame: number
  /** On the daemon's wall clock. */
  readonly capturedAt: number
  readonly jpeg: Blob
}

export interface AlbumLimits {
  /** Of one camera. Default 120. */
  readonly pictures?: number
  /** Of all cameras. Default 64 MB. */
  readonly bytes?: number
}

/** Keeps pictures that were shown, since no record holds any; the longer ago, the further apart. */
export class PictureAlbum {
  readonly #pictures: number
  readonly #bytes: number
  /** In the order in which they were shown. */
  readonly #cameras = new Map<string, ShownPicture[]>()
  #weight = 0

  constructor({ pictures = 120, bytes = 64_000_000 }: AlbumLimits = {}) {
    this.#pictures = pictures
    this.#bytes = bytes
  }

  add(camera: string, picture: ShownPicture): void {
    const shown = this.#cameras.get(camera) ?? []
    // A camera that is down is asked for the same picture again and again.
    if (shown.at(-1)?.capturedAt === picture.capturedAt) return
    this.#cameras.set(camera, shown)
    shown.push(picture)
    this.#weight += picture.jpeg.size
    if (shown.length > this.#pictures) this.#thin(shown)
    while (this.#weight > this.#bytes) this.#thin(this.#longest())
  }

  /** The latest that was captured at or before `moment`. */
  at(camera: string, moment: number): ShownPicture | undefined {
    return this.#cameras.get(camera)?.findLast(({ capturedAt }) => capturedAt <= moment)
  }

  /** Lets go of the one that is missed least: that leaves the smallest gap for how long ago it is. */
  #thin(shown: ShownPicture[]): void {
    const latest = shown.at(-1)?.capturedAt ?? 0
    let [least, missed] = [0, Infinity]
    for (let index = 1; index < shown.length - 1; index++) {
      const gap = shown[index + 1]!.capturedAt - shown[index - 1]!.capturedAt
      const weight = gap / (latest - shown[index]!.capturedAt)
      if (weight < missed) [least, missed] = [index, weight]
    }
    const [gone] = shown.splice(least, 1)
    this.#weight -= gone?.jpeg.size ?? 0
  }

  #longest(): ShownPicture[] {
    return [...this.#cameras.values()].reduce((longest, shown) => (shown.length > longest.length ? shown : longest))
  }
}

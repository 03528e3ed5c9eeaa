import type { PictureSize } from '../domain/frame.ts'

/** A picture is looked at in so many cells across and down, each at so many points across and down. */
const cells = 16
const points = 8

/** What is remembered of a picture: for each cell, the sum over its points. */
export type Glance = Int32Array

/**
 * Tells pictures that show the same as the last inspected one from those that don't, by a glance at 16,384 points of them.
 *
 * What counts is the cell that differs most, and in it the mean over its 64 points: noise cancels out in a mean, while a small part that
 * moves fills a good part of a cell where it would vanish in the whole picture. Green alone is looked at, of which grey has most.
 */
export class MotionGate {
  readonly #columns: Int32Array
  /** Where the rows begin, in the plane of green. */
  readonly #rows: Int32Array
  #inspected: Glance | undefined

  /** @param threshold in levels of 255; a cell that differs by more is a change. */
  constructor(
    { width, height }: PictureSize,
    private readonly threshold: number,
  ) {
    const along = (length: number): Int32Array =>
      Int32Array.from({ length: cells * points }, (_, at) => Math.floor(((at + 0.5) * length) / (cells * points)))
    this.#columns = along(width)
    this.#rows = along(height).map((row) => (height + row) * width)
  }

  glance(picture: Uint8Array): Glance {
    const sums = new Int32Array(cells * cells)
    const columns = this.#columns
    for (let y = 0; y < cells * points; y++) {
      const row = this.#rows[y] as number
      const firstCell = Math.floor(y / points) * cells
      for (let x = 0, cell = firstCell; x < cells * points; cell++) {
        let sum = 0
        for (const end = x + points; x < end; x++) sum += picture[row + (columns[x] as number)] as number
        sums[cell] = (sums[cell] as number) + sum
      }
    }
    return sums
  }

  /** Whether there is nothing in it that wasn't in the last inspected one. */
  isUnchanged(glance: Glance): boolean {
    const last = this.#inspected
    if (last === undefined) return false
    const most = this.threshold * points * points
    return glance.every((sum, cell) => Math.abs(sum - (last[cell] as number)) <= most)
  }

  inspected(glance: Glance): void {
    this.#inspected = glance
  }
}

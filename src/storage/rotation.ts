import type { Milliseconds } from '../domain/units.ts'

/**
 * When a file is full and the next one begins. A request is never split, so that a file may go over a bound by what its
 * last request brings.
 */
export interface Rotation {
  /** Each request has a file of its own. */
  readonly everyRequest: boolean
  /** A file is full when it has this many data rows. */
  readonly rows: number
  /** A file is full when it has this many bytes, the header included. */
  readonly bytes: number
  /** A file is sealed this long after it was opened, whether rows came meanwhile or not. */
  readonly interval: Milliseconds
}

/** Whether a file that holds this much takes no more. */
export const isFull = (rotation: Rotation, { rows, bytes }: { rows: number; bytes: number }): boolean =>
  rows > 0 && (rotation.everyRequest || rows >= rotation.rows || bytes >= rotation.bytes)

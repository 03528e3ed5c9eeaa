import type { Milliseconds } from './units.ts'

/** What the room on the data folder's disk allows: everything; everything, but somebody should look; no more rows. */
export type RoomLevel = 'enough' | 'low' | 'none'

/** Room on the data folder's disk, as it was last seen. */
export interface Room {
  readonly level: RoomLevel
  /** `undefined` before the first look, and while the system doesn't say. */
  readonly freeBytes: number | undefined
  /** Until rows have to wait, if it goes on like this; `undefined` where that is not to be foreseen. */
  readonly fullIn: Milliseconds | undefined
}

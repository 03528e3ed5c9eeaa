import { type EpochMs, epochMs } from '../../../src/domain/units.ts'
import type { ActorPicture } from '../../../src/inspection-feed/actor-picture.ts'
import type { FeedRecord } from '../../../src/inspection-feed/record.ts'

/** The wall time of a moment of the records' steady clock, where that of monotonic 0 is `wallOffset`. */
export const wallTime = (monotonic: number, wallOffset: number): EpochMs => epochMs(Math.round(wallOffset + monotonic))

/** A stretch of records, which can be read alone. */
export interface Told {
  /** How every actor stood where the records begin. */
  readonly before: readonly ActorPicture[]
  readonly records: readonly FeedRecord[]
}

/** A stretch that ends with a moment. */
export interface ToldUntil extends Told {
  /** Wall time of monotonic 0, as the clock stood at that moment: so durations stay as long as they were when it is set. */
  readonly wallOffset: number
}

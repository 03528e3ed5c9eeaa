import type { ActorPicture } from '../../../src/inspection-feed/actor-picture.ts'
import type { FeedRecord } from '../../../src/inspection-feed/record.ts'

/** A stretch of records, which can be read alone. */
export interface Told {
  /** How every actor stood where the records begin. */
  readonly before: readonly ActorPicture[]
  readonly records: readonly FeedRecord[]
}

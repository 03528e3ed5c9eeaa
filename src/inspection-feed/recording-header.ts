import { actorPicture } from './actor-picture.ts'
import { recordVersion } from './record.ts'
import { listOf, number, object, type Of, oneOf, optional, text } from './shape.ts'
import { trendAnswer } from './trend-protocol.ts'

/** The first line of a recording. */
export const recordingHeader = object({
  type: oneOf('recording'),
  version: oneOf(recordVersion),
  source: oneOf('daemon', 'simulation'),
  /** What it was made by: `belay 0.1.0`. */
  madeBy: text(),
  /** The simulation's. */
  seed: optional(number()),
  /** What was known of each actor before the first record; empty where the recording begins with the system. */
  actors: listOf(actorPicture),
  /** What figures were over hours before and while it was made, where the page has saved it. */
  trends: optional(listOf(trendAnswer)),
})
export type RecordingHeader = Of<typeof recordingHeader>

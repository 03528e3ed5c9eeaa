import * as z from 'zod/mini'
import { actorPicture } from './actor-picture.ts'
import { recordVersion } from './record.ts'
import type { Of } from './described.ts'
import { trendAnswer } from './trend-protocol.ts'

/** The first line of a recording. */
export const recordingHeader = z.object({
  type: z.literal('recording'),
  version: z.literal(recordVersion),
  source: z.enum(['daemon', 'simulation']),
  /** What it was made by: `belay 0.1.0`. */
  madeBy: z.string(),
  /** The simulation's. */
  seed: z.exactOptional(z.number()),
  /** What was known of each actor before the first record; empty where the recording begins with the system. */
  actors: z.array(actorPicture),
  /** What figures were over hours before and while it was made, where the page has saved it. */
  trends: z.exactOptional(z.array(trendAnswer)),
})
export type RecordingHeader = Of<typeof recordingHeader>

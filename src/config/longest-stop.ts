import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { StopConfig } from './config.ts'

/** What a slot may take beyond its deadline, for what it has under way and what it closes. */
export const disposersOf = ({ others }: Pick<StopConfig, 'others'>) => ({
  log: seconds(1),
  manifest: others,
  'csv-writer': seconds(1),
  // A session with a server that doesn't answer takes 2 s to end.
  uploader: seconds(3),
  inspector: seconds(1),
  inference: seconds(1),
  // Of each, side by side.
  cameras: seconds(4),
})

/** Threads that hang, or for which no time is left, are waited for so long all the same. */
const threads = seconds(1)

/** What a stop that is asked for once takes at most: slot by slot, with more time for those that get on, and what they hold. */
export function longestStop(stop: StopConfig): Milliseconds {
  const disposers = Object.values(disposersOf(stop)).reduce((sum, time) => sum + time, 0)
  return milliseconds(Math.max(stop.budget, stop.hardCap) + disposers + threads)
}

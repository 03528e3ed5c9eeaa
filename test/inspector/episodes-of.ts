import type { Episode } from '../../inspector/src/timeline/episode.ts'
import { EpisodeTeller } from '../../inspector/src/timeline/episodes.ts'
import type { Told } from '../../inspector/src/history/told.ts'

/** All episodes of what was told. */
export function episodesOf({ before, records }: Told): Episode[] {
  const teller = new EpisodeTeller(before)
  for (const record of records) teller.take(record)
  return teller.told()
}

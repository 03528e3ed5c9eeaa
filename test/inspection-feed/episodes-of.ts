import type { Episode } from '../../inspector/src/episode.ts'
import { EpisodeTeller } from '../../inspector/src/episodes.ts'
import type { Told } from '../../inspector/src/told.ts'

/** All episodes of what was told. */
export function episodesOf({ before, records }: Told): Episode[] {
  const teller = new EpisodeTeller(before)
  for (const record of records) teller.take(record)
  return teller.told()
}

import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
import type { Episode } from './episode.ts'
import { EpisodeTeller } from './episodes.ts'
import type { Told } from '../history/told.ts'

/** Reads the episodes of one scene after the other: on from the last record, also where the oldest have gone, or else anew. */
export class EpisodeReader {
  #teller = new EpisodeTeller()
  #before: Told['before'] | undefined
  #last: FeedRecord | undefined

  read({ before, records }: Told): readonly Episode[] {
    const [first] = records
    // Records come without a gap, and the history of a daemon keeps each as it is: where the last one read stands in its place, this is the same story.
    const place = first === undefined || this.#last === undefined ? -1 : this.#last.sequence - first.sequence
    const goesOn = this.#last !== undefined && records[place] === this.#last
    if (!goesOn) this.#teller = new EpisodeTeller(before)
    else if (before !== this.#before && first !== undefined) this.#teller.forget(first.monotonic)
    for (let index = goesOn ? place + 1 : 0; index < records.length; index++) this.#teller.take(records[index]!)
    this.#before = before
    this.#last = records.at(-1)
    return this.#teller.told()
  }
}

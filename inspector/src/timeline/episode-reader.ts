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
    // A history keeps each record as it is: where the last one read stands in its place, this is the same story.
    const place = this.#last === undefined ? -1 : placeOf(this.#last.sequence, records)
    const goesOn = this.#last !== undefined && records[place] === this.#last
    if (!goesOn) this.#teller = new EpisodeTeller(before)
    else if (before !== this.#before && first !== undefined) this.#teller.forget(first.monotonic)
    for (let index = goesOn ? place + 1 : 0; index < records.length; index++) this.#teller.take(records[index]!)
    this.#before = before
    this.#last = records.at(-1)
    return this.#teller.told()
  }
}

/** Where a record of that sequence stands, or would stand: a recording may lack some. */
function placeOf(wanted: number, records: readonly FeedRecord[]): number {
  let [low, high] = [0, records.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (records[middle]!.sequence < wanted) low = middle + 1
    else high = middle
  }
  return low
}

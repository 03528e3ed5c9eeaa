import { ActorPictures } from '../../../src/inspection-feed/actor-pictures.ts'
import type { ActorPicture } from '../../../src/inspection-feed/actor-picture.ts'
import type { FeedRecord } from '../../../src/inspection-feed/record.ts'
import { Words } from './string-pool.ts'

/** As many as the daemon keeps; the oldest go by the batch. */
const mostRecords = 50_000
const batch = 5_000
/** A picture of every actor is kept for each so many records, so that any moment is near one. */
const stride = 1_000

/** What has happened, and how everything stood at any moment of it. */
export class History {
  #records: FeedRecord[] = []
  #before: readonly ActorPicture[] = []
  /** How everything stood before the record at `index * stride`. */
  #checkpoints: (readonly ActorPicture[])[] = []
  #latest = new ActorPictures()
  readonly #words = new Words()

  get records(): readonly FeedRecord[] {
    return this.#records
  }

  /** What was known before the first record. */
  get before(): readonly ActorPicture[] {
    return this.#before
  }

  get first(): FeedRecord | undefined {
    return this.#records[0]
  }

  get last(): FeedRecord | undefined {
    return this.#records.at(-1)
  }

  /** How everything stands after the last record. */
  get latest(): ActorPictures {
    return this.#latest
  }

  /** Begins anew with a recording: what was known before it, and its records. */
  load(before: readonly ActorPicture[], records: readonly FeedRecord[]): void {
    this.#before = before
    this.#records = []
    this.#checkpoints = []
    this.#latest = new ActorPictures(before)
    this.#take(records)
  }

  /** Takes the records that follow on the last, up to the first gap; false where there is one. */
  append(records: readonly FeedRecord[]): boolean {
    const last = this.last?.sequence
    const fresh = last === undefined ? records : records.filter(({ sequence }) => sequence > last)
    const next = last === undefined ? (fresh[0]?.sequence ?? 0) : last + 1
    const gap = fresh.findIndex(({ sequence }, index) => sequence !== next + index)
    this.#take(gap === -1 ? fresh : fresh.slice(0, gap))
    if (this.#records.length > mostRecords + batch) this.#dropOldest()
    return gap === -1
  }

  /** How many records there are up to the moment `monotonic`, that moment included. */
  countAt(monotonic: number): number {
    let [low, high] = [0, this.#records.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#records[middle]!.monotonic <= monotonic) low = middle + 1
      else high = middle
    }
    return low
  }

  /** How everything stood after the first `count` records; it stays so, whatever is told next. */
  picturesAt(count: number): ActorPictures {
    if (count >= this.#records.length) return new ActorPictures(this.#latest.all())
    const nearest = Math.floor(count / stride)
    const pictures = new ActorPictures(this.#checkpoints[nearest] ?? this.#before)
    for (let index = nearest * stride; index < count; index++) pictures.apply(this.#records[index]!)
    return pictures
  }

  /** They are this history's from now on. */
  #take(records: readonly FeedRecord[]): void {
    for (const record of records) {
      if (this.#records.length % stride === 0) this.#checkpoints.push(this.#latest.all())
      this.#words.keepOnce(record)
      this.#records.push(record)
      this.#latest.apply(record)
    }
  }

  #dropOldest(): void {
    this.#before = this.picturesAt(batch).all()
    this.#records = this.#records.slice(batch)
    this.#checkpoints = this.#checkpoints.slice(batch / stride)
  }
}

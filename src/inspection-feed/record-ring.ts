import { ActorPictures } from './actor-pictures.ts'
import type { ActorPicture } from './actor-picture.ts'
import type { FeedRecord } from './record.ts'

export interface RingLimits {
  /** Default 50,000. */
  readonly entries?: number
  /** What the records would about weigh as text. Default 16 MB. */
  readonly bytes?: number
}

/** The latest records, in constant time each: within both limits, the oldest go, and stay known as a picture of each actor. */
export class RecordRing {
  readonly #entries: number
  readonly #bytes: number
  readonly #slots: (FeedRecord | undefined)[] = []
  readonly #before = new ActorPictures()
  /** Sequence of the oldest record kept, and of the one that comes next. */
  #first = 1
  #next = 1
  #weight = 0

  constructor({ entries = 50_000, bytes = 16_000_000 }: RingLimits = {}) {
    this.#entries = entries
    this.#bytes = bytes
  }

  /** Of the oldest record that is kept, or else of the next that comes. */
  get first(): number {
    return this.#first
  }

  /** Of the latest record; 0 before any. */
  get last(): number {
    return this.#next - 1
  }

  get size(): number {
    return this.#next - this.#first
  }

  /** Records come without a gap in their sequence. */
  add(record: FeedRecord): void {
    if (this.size === this.#entries) this.#drop()
    this.#slots[record.sequence % this.#entries] = record
    this.#next = record.sequence + 1
    this.#weight += weightOf(record)
    while (this.#weight > this.#bytes && this.size > 1) this.#drop()
  }

  /** At most `limit` records, the first after `sequence` that is still kept. */
  after(sequence: number, limit = Infinity): FeedRecord[] {
    const from = Math.max(sequence + 1, this.#first)
    const until = Math.min(from + limit, this.#next)
    const records: FeedRecord[] = []
    for (let each = from; each < until; each++) records.push(this.#at(each))
    return records
  }

  /** What was known of each actor before the oldest record that is kept. */
  before(): ActorPicture[] {
    return this.#before.all()
  }

  #drop(): void {
    const oldest = this.#at(this.#first)
    // Its place may be taken much later: what is heavy goes long before there are many.
    this.#slots[this.#first++ % this.#entries] = undefined
    this.#weight -= weightOf(oldest)
    this.#before.apply(oldest)
  }

  #at(sequence: number): FeedRecord {
    const record = this.#slots[sequence % this.#entries]
    if (record?.sequence !== sequence) throw new Error(`Record ${sequence} is not in the ring`)
    return record
  }
}

/** About the length of the record's JSON, without making it. */
function weightOf(record: FeedRecord): number {
  const fixed = 120 + record.path.length
  switch (record.type) {
    case 'actor.started':
      return fixed + 40
    case 'actor.ended':
      return fixed + 30 + (record.why?.length ?? 0)
    case 'state.entered':
      return fixed + (record.nextTryAt === undefined ? 100 : 125) + record.event.length + (record.why?.length ?? 0)
    case 'why.changed':
      return fixed + 20 + (record.why?.length ?? 0)
    case 'event.received':
      return fixed + record.event.length + fieldsWeight(record.detail)
    case 'supervisor.decided':
      return fixed + (record.nextTryAt === undefined ? 80 : 105) + record.reason.length
    case 'gauges.read':
      return fixed + fieldsWeight(record.values) + fieldsWeight(record.facts ?? {})
    case 'operator.asked':
      return fixed + 80 + record.by.length + record.words.length + (record.file?.length ?? 0)
    case 'simulation.step':
      return fixed + record.what.length + record.about.length + (record.outcome?.length ?? 0)
    case 'invariant.violated':
      return fixed + record.invariant.length + record.detail.length
  }
}

function fieldsWeight(fields: Readonly<Record<string, unknown>>): number {
  let weight = 0
  for (const key in fields) {
    const value = fields[key]
    weight += key.length + 4 + (typeof value === 'string' ? value.length : 8)
  }
  return weight
}

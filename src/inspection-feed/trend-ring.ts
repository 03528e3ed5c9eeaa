import type { TrendSeries } from './trend-protocol.ts'

/** One figure over the latest buckets: of each its least, mean and greatest value. Constant memory, constant time. */
export class TrendRing {
  readonly #min: Float32Array
  readonly #mean: Float32Array
  readonly #max: Float32Array
  /** Numbers of the first bucket ever, and of the one that is being filled. */
  readonly #first: number
  #last: number
  #sum = 0
  #count = 0

  constructor(
    private readonly buckets: number,
    first: number,
  ) {
    this.#min = new Float32Array(buckets).fill(NaN)
    this.#mean = new Float32Array(buckets).fill(NaN)
    this.#max = new Float32Array(buckets).fill(NaN)
    this.#first = first
    this.#last = first
  }

  /** Of the bucket that was filled last: a ring that nobody has filled for longer than it holds has nothing to say. */
  get last(): number {
    return this.#last
  }

  /** `bucket` never goes back. */
  add(bucket: number, value: number): void {
    if (bucket > this.#last) this.#begin(bucket)
    const slot = bucket % this.buckets
    this.#sum += value
    this.#count++
    const isFirst = this.#count === 1
    this.#min[slot] = isFirst ? value : Math.min(this.#min[slot] ?? value, value)
    this.#max[slot] = isFirst ? value : Math.max(this.#max[slot] ?? value, value)
    this.#mean[slot] = this.#sum / this.#count
  }

  /** The buckets from `from` to before `until`, of which nothing is known before the first and beyond the last. */
  between(from: number, until: number): Omit<TrendSeries, 'name'> {
    const list = (values: Float32Array) => {
      const found: (number | null)[] = []
      for (let each = from; each < until; each++)
        found.push(this.#isKept(each) ? short(values[each % this.buckets]) : null)
      return found
    }
    return { min: list(this.#min), mean: list(this.#mean), max: list(this.#max) }
  }

  #isKept(bucket: number): boolean {
    return bucket >= this.#first && bucket <= this.#last && bucket > this.#last - this.buckets
  }

  /** Those between are empty, whatever stood in their places. */
  #begin(bucket: number): void {
    for (let each = Math.max(this.#last + 1, bucket - this.buckets + 1); each <= bucket; each++)
      for (const values of [this.#min, this.#mean, this.#max]) values[each % this.buckets] = NaN
    this.#last = bucket
    this.#sum = 0
    this.#count = 0
  }
}

/** Four digits are more than a chart shows. */
const short = (value = NaN): number | null => (Number.isNaN(value) ? null : Number(value.toPrecision(4)))

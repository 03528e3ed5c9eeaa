/** A bucket holds about n / 128 entries: with 10,000 children an update copies 80 entries, not 10,000. */
const bucketCount = 128

/** An immutable map from string to `V`: `set` and `delete` give a new map and leave this one as it was. */
export class PersistentMap<V> {
  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>([], 0)
  }

  private constructor(
    private readonly buckets: readonly (ReadonlyMap<string, V> | undefined)[],
    readonly size: number,
  ) {}

  get(key: string): V | undefined {
    return this.buckets[bucketOf(key)]?.get(key)
  }

  has(key: string): boolean {
    return this.buckets[bucketOf(key)]?.has(key) ?? false
  }

  set(key: string, value: V): PersistentMap<V> {
    const at = bucketOf(key)
    const bucket = new Map(this.buckets[at])
    bucket.set(key, value)
    const grown = this.has(key) ? 0 : 1
    return new PersistentMap(replaced(this.buckets, at, bucket), this.size + grown)
  }

  delete(key: string): PersistentMap<V> {
    if (!this.has(key)) return this
    const at = bucketOf(key)
    const bucket = new Map(this.buckets[at])
    bucket.delete(key)
    return new PersistentMap(replaced(this.buckets, at, bucket), this.size - 1)
  }

  /** In no particular order. */
  values(): V[] {
    const values: V[] = []
    for (const bucket of this.buckets) if (bucket !== undefined) for (const value of bucket.values()) values.push(value)
    return values
  }
}

function replaced<V>(buckets: readonly V[], at: number, bucket: V): V[] {
  const copy = buckets.slice()
  while (copy.length < at) copy.push(undefined as V)
  copy[at] = bucket
  return copy
}

/** FNV-1a. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return ((hash >>> 16) ^ hash) & (bucketCount - 1)
}

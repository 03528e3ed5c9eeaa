/** Three levels of 32: with 10,000 keys an update copies three short arrays, and a slot seldom holds two entries. */
const bits = 5
const width = 1 << bits
const depth = 3

/** An immutable map from string to `V`. It is changed by an editor, which gives a new map and leaves this one as it was. */
export class PersistentMap<V> {
  static empty<V>(): PersistentMap<V> {
    return new PersistentMap<V>(undefined, 0)
  }

  constructor(
    private readonly root: Branch<V> | undefined,
    readonly size: number,
  ) {}

  get(key: string): V | undefined {
    return find(this.root, key)?.value
  }

  /** In no particular order. */
  values(): V[] {
    return collect(this.root)
  }

  edit(): MapEditor<V> {
    return new MapEditor(this.root, this.size)
  }
}

/** Many changes at the price of few copies: what this editor has copied once it changes in place, until it is `done`. */
export class MapEditor<V> {
  /** Marks the branches that are this editor's own. */
  #owner: object = {}

  constructor(
    private root: Branch<V> | undefined,
    private count: number,
  ) {}

  get size(): number {
    return this.count
  }

  get(key: string): V | undefined {
    return find(this.root, key)?.value
  }

  set(key: string, value: V): void {
    const [branch, at] = this.#slotFor(key)
    const entries = branch.slots[at] as Entry<V> | undefined
    if (findIn(entries, key) === undefined) this.count++
    branch.slots[at] = { key, value, next: without(entries, key) }
  }

  delete(key: string): void {
    if (find(this.root, key) === undefined) return
    const [branch, at] = this.#slotFor(key)
    branch.slots[at] = without(branch.slots[at] as Entry<V>, key)
    this.count--
  }

  /** In no particular order. */
  values(): V[] {
    return collect(this.root)
  }

  /** The map as it is now; it does not change when this editor goes on. */
  done(): PersistentMap<V> {
    this.#owner = {}
    return new PersistentMap(this.root, this.count)
  }

  #slotFor(key: string): [Branch<V>, number] {
    let hash = hashOf(key)
    let branch = (this.root = this.#own(this.root))
    for (let level = 1; level < depth; level++) {
      const at = hash & (width - 1)
      hash >>>= bits
      branch = branch.slots[at] = this.#own(branch.slots[at] as Branch<V> | undefined)
    }
    return [branch, hash & (width - 1)]
  }

  #own(branch: Branch<V> | undefined): Branch<V> {
    if (branch === undefined) return { owner: this.#owner, slots: new Array<undefined>(width).fill(undefined) }
    return branch.owner === this.#owner ? branch : { owner: this.#owner, slots: branch.slots.slice() }
  }
}

/** Entries whose keys share a slot are a list. */
interface Entry<V> {
  readonly key: string
  readonly value: V
  readonly next: Entry<V> | undefined
}
interface Branch<V> {
  readonly owner: object
  readonly slots: (Branch<V> | Entry<V> | undefined)[]
}

function find<V>(root: Branch<V> | undefined, key: string): Entry<V> | undefined {
  let branch = root
  let hash = hashOf(key)
  for (let level = 1; level < depth && branch !== undefined; level++) {
    branch = branch.slots[hash & (width - 1)] as Branch<V> | undefined
    hash >>>= bits
  }
  return findIn(branch?.slots[hash & (width - 1)] as Entry<V> | undefined, key)
}

function findIn<V>(entries: Entry<V> | undefined, key: string): Entry<V> | undefined {
  let entry = entries
  while (entry !== undefined && entry.key !== key) entry = entry.next
  return entry
}

/** The list without `key`; what follows it there is shared. */
function without<V>(entries: Entry<V> | undefined, key: string): Entry<V> | undefined {
  if (entries === undefined || entries.key === key) return entries?.next
  return { key: entries.key, value: entries.value, next: without(entries.next, key) }
}

function collect<V>(branch: Branch<V> | undefined, level = 1, into: V[] = []): V[] {
  for (const below of branch?.slots ?? []) {
    if (below === undefined) continue
    if (level < depth) collect(below as Branch<V>, level + 1, into)
    else for (let entry = below as Entry<V> | undefined; entry !== undefined; entry = entry.next) into.push(entry.value)
  }
  return into
}

/** FNV-1a, folded so that every part of the path takes from all of it. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}

import { type Alias, type Document, type Pair, isAlias, isMap, isNode, isPair, isScalar, isSeq } from 'yaml'
import type { ConfigPath } from './issue.ts'
import type { YamlMistake } from './yaml-mistakes.ts'

// Bounds for what aliases can blow up; a configuration of 50 cameras has about 1,500 values.
const maxValues = 20_000
const maxDepth = 32

/**
 * Turns a YAML tree into plain data and notes where each key and value stands.
 *
 * References (*name) and merges (<<: *name) are followed; what comes in through them stands where the anchor is.
 */
export class PlainReader {
  readonly mistakes: YamlMistake[] = []
  readonly #keyOffsets = new Map<string, number>()
  readonly #valueOffsets = new Map<string, number>()
  readonly #document: Document
  /** Of each reference; finding it walks the document, and what is merged into many places is read many times. */
  readonly #targets = new Map<Alias, unknown>()
  #values = 0
  #exhausted = false

  constructor(document: Document) {
    this.#document = document
  }

  read(): unknown {
    return this.#value(this.#document.contents, [], [])
  }

  /** Where something stands; the nearest container's place where nothing stands at the path. */
  offsetOf(path: ConfigPath, at: 'value' | 'key'): number {
    const own = at === 'key' ? this.#keyOffsets.get(placeName(path)) : undefined
    if (own !== undefined) return own
    for (let length = path.length; length >= 0; length--) {
      const offset = this.#valueOffsets.get(placeName(path.slice(0, length)))
      if (offset !== undefined) return offset
    }
    return 0
  }

  /** `inside`: the nodes that this one is in, to notice a reference to one of them. */
  #value(node: unknown, path: ConfigPath, inside: readonly unknown[]): unknown {
    if (isAlias(node)) return this.#followed(node, inside, (target) => this.#value(target, path, inside))
    if (!isNode(node)) return null
    const offset = offsetOf(node)
    this.#valueOffsets.set(placeName(path), offset)
    if (!this.#fits(offset, inside)) return null
    if (isMap(node)) return Object.fromEntries(this.#entries(node.items, path, [...inside, node]))
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...path, index], [...inside, node]))
    return isScalar(node) ? node.value : null
  }

  /** Later entries replace earlier ones, so what is merged in comes first. */
  #entries(pairs: readonly unknown[], path: ConfigPath, inside: readonly unknown[]) {
    const merged: [string, unknown][] = []
    const own: [string, unknown][] = []
    for (const pair of pairs) {
      if (!isPair(pair)) continue
      const key = keyOf(pair)
      if (isMerge(pair)) merged.push(...this.#merged(pair.value, path, inside))
      else if (key === undefined) this.#mistake(offsetOf(pair.key), 'a text as key', 'something else')
      else {
        const place = placeName([...path, key])
        this.#keyOffsets.set(place, offsetOf(pair.key))
        // Until the value says where it stands: a reference never does.
        this.#valueOffsets.set(place, offsetOf(pair.key))
        own.push([key, this.#value(pair.value, [...path, key], inside)])
      }
    }
    return [...merged, ...own]
  }

  #merged(node: unknown, path: ConfigPath, inside: readonly unknown[]): [string, unknown][] {
    if (isAlias(node)) return this.#followed(node, inside, (target) => this.#merged(target, path, inside)) ?? []
    if (isMap(node) && this.#fits(offsetOf(node), inside)) return this.#entries(node.items, path, [...inside, node])
    if (!isMap(node)) this.#mistake(offsetOf(node), 'a reference to a map after <<', 'something else')
    return []
  }

  #followed<T>(alias: Alias, inside: readonly unknown[], read: (target: unknown) => T): T | undefined {
    const offset = offsetOf(alias)
    const target = this.#target(alias)
    if (target === undefined) this.#mistake(offset, 'a reference to an anchor (&name) above it', 'no such anchor')
    else if (inside.includes(target)) this.#mistake(offset, 'a reference to another place', 'one to what it is in')
    else return read(target)
    return undefined
  }

  #target(alias: Alias): unknown {
    if (!this.#targets.has(alias)) this.#targets.set(alias, alias.resolve(this.#document))
    return this.#targets.get(alias)
  }

  #fits(offset: number, inside: readonly unknown[]): boolean {
    this.#values++
    const few = this.#values < maxValues && inside.length < maxDepth
    if (!few && !this.#exhausted) {
      this.#mistake(offset, `at most ${maxValues} values, and ${maxDepth} levels`, 'more')
      this.#exhausted = true
    }
    return !this.#exhausted
  }

  #mistake(offset: number, expected: string, found: string): void {
    this.mistakes.push({ offset, expected, found })
  }
}

/** `<<` is a symbol where a %YAML 1.1 directive asks for that version. */
const isMerge = ({ key }: Pair): boolean =>
  isScalar(key) && (key.value === '<<' || (typeof key.value === 'symbol' && key.value.description === '<<'))

/** `undefined` for keys that are lists or maps, and for the one that would reach the prototype. */
function keyOf({ key }: Pair): string | undefined {
  const value = isScalar(key) ? key.value : undefined
  if (value === '__proto__') return undefined
  if (value === null) return ''
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

const placeName = (path: ConfigPath): string => JSON.stringify(path)

const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)

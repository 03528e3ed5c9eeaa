import type { ServedFile } from './served-file.ts'

export type Node = ServedFile | 'folder'

/** So many changes at most are not on the server's disk yet. */
const mostUnsynced = 4

/**
 * The names that a server shows, each by its whole path, and what it may forget of them when it loses its power: no request makes a
 * name durable. Of the latest changes those from any one on were not made then, as after a journal that ends there.
 */
export class ServedNames {
  readonly nodes = new Map<string, Node>([['', 'folder']])
  /** What undoes each of the latest changes. */
  #unsynced: (() => void)[] = []

  /** So many of the latest changes may be forgotten. */
  get forgettable(): number {
    return this.#unsynced.length
  }

  /** In one step; `undefined`: nothing has that name any more. */
  change(to: Readonly<Record<string, Node | undefined>>): void {
    const paths = Object.keys(to)
    const before = Object.fromEntries(paths.map((path) => [path, this.nodes.get(path)]))
    this.#put(to)
    this.#unsynced = [...this.#unsynced, () => this.#put(before)].slice(-mostUnsynced)
  }

  /** The latest `count` changes were not made; all others are durable. */
  forget(count: number): void {
    for (const undo of this.#unsynced.toReversed().slice(0, count)) undo()
    this.#unsynced = []
  }

  #put(nodes: Readonly<Record<string, Node | undefined>>): void {
    for (const [path, node] of Object.entries(nodes)) {
      if (node === undefined) this.nodes.delete(path)
      else this.nodes.set(path, node)
    }
  }
}

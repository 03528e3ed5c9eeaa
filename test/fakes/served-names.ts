import type { ServedFile } from './served-file.ts'

export type Node = ServedFile | 'folder'

/** So many changes at most are not on the server's disk yet. */
const mostUnsynced = 4

interface Change {
  readonly nodes: readonly (Node | undefined)[]
  undo(): void
}

/**
 * The names that a server shows, each by its whole path, and what it may forget of them when it loses its power: no request makes a
 * name durable. Of the latest changes those from any one on were not made then, as after a journal that ends there; a file that is
 * synced takes its own changes of name along, and so those before them.
 */
export class ServedNames {
  readonly nodes = new Map<string, Node>([['', 'folder']])
  #unsynced: Change[] = []

  /** So many of the latest changes may be forgotten. */
  get forgettable(): number {
    return this.#unsynced.length
  }

  /** In one step, as a rename is not; `undefined`: nothing has that name any more. */
  change(to: Readonly<Record<string, Node | undefined>>): void {
    const paths = Object.keys(to)
    const before = Object.fromEntries(paths.map((path) => [path, this.nodes.get(path)]))
    this.#put(to)
    const nodes = [...Object.values(to), ...Object.values(before)]
    const change = { nodes, undo: () => this.#put(before) }
    this.#unsynced = [...this.#unsynced, change].slice(-mostUnsynced)
  }

  /** This file was synced. */
  sync(file: ServedFile): void {
    const last = this.#unsynced.findLastIndex(({ nodes }) => nodes.includes(file))
    this.#unsynced = this.#unsynced.slice(last + 1)
  }

  /** The latest `count` changes were not made; all others are durable. */
  forget(count: number): void {
    for (const change of this.#unsynced.toReversed().slice(0, count)) change.undo()
    this.#unsynced = []
  }

  #put(nodes: Readonly<Record<string, Node | undefined>>): void {
    for (const [path, node] of Object.entries(nodes)) {
      if (node === undefined) this.nodes.delete(path)
      else this.nodes.set(path, node)
    }
  }
}

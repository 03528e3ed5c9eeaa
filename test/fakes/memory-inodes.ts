/** Whether a change that was never synced is there after a power cut all the same. */
export type Survives = (change: 'write' | 'truncate' | 'name') => boolean

type Node = MemoryFile | MemoryFolder
type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number }

/** What a disk writes whole or not at all, in bytes. */
export const sector = 512

/** A file's bytes as processes see them, and as the platter has them. */
export class MemoryFile {
  content = new Uint8Array()
  #durable = new Uint8Array()
  #unsynced: Change[] = []

  write(bytes: Uint8Array, position: number): void {
    const change = { kind: 'write', position, bytes: bytes.slice() } as const
    this.content = apply(this.content, change)
    this.#unsynced.push(change)
  }

  truncate(length: number): void {
    const change = { kind: 'truncate', length } as const
    this.content = apply(this.content, change)
    this.#unsynced.push(change)
  }

  sync(): void {
    this.#durable = this.#unsynced.reduce(apply, this.#durable)
    this.#unsynced = []
  }

  /** What was written and not synced stays in memory, and no later sync takes it to the platter. */
  drop(): void {
    this.#unsynced = this.#unsynced.filter(({ kind }) => kind === 'truncate')
  }

  /** Writes are torn at sectors and survive in any combination; what is missing between them reads as zeros. */
  afterCrash(survives: Survives): MemoryFile {
    const file = new MemoryFile()
    file.#durable = this.#unsynced
      .flatMap(torn)
      .reduce((at, change) => (survives(change.kind) ? apply(at, change) : at), this.#durable)
    file.content = file.#durable
    return file
  }
}

/** A name that came (`node`) or went. */
interface NameChange {
  readonly name: string
  readonly node: Node | undefined
  /** Of a rename, whose old name never goes before the new one has come: journals promise that much, and no more. */
  readonly after?: NameChange
  isDurable: boolean
}

/** A folder's names, likewise. */
export class MemoryFolder {
  readonly entries = new Map<string, Node>()
  #durable = new Map<string, Node>()
  #unsynced: NameChange[] = []

  link(name: string, node: Node): NameChange {
    this.entries.set(name, node)
    return this.#note({ name, node, isDurable: false })
  }

  unlink(name: string, after?: NameChange): void {
    this.entries.delete(name)
    this.#note({ name, node: undefined, isDurable: false, ...(after && { after }) })
  }

  #note(change: NameChange): NameChange {
    this.#unsynced.push(change)
    return change
  }

  /** The folder of that name, made where it isn't there. */
  child(name: string): MemoryFolder {
    const there = this.entries.get(name)
    if (there instanceof MemoryFolder) return there
    const made = new MemoryFolder()
    this.link(name, made)
    return made
  }

  sync(): void {
    this.#keep(() => true)
  }

  #keep(isKept: (change: NameChange) => boolean): void {
    this.#unsynced = this.#unsynced.filter((change) => {
      if ((change.after && !change.after.isDurable) || !isKept(change)) return true
      change.isDurable = true
      if (change.node === undefined) this.#durable.delete(change.name)
      else this.#durable.set(change.name, change.node)
      return false
    })
  }

  syncAll(): void {
    this.sync()
    for (const node of this.entries.values()) if (node instanceof MemoryFolder) node.syncAll()
  }

  /** What comes to be durable after all: names that came, and then names that went. */
  keepSome(survives: Survives): void {
    const nodes = new Set([...this.entries.values(), ...this.#durable.values()])
    this.#keep(({ node }) => node !== undefined && survives('name'))
    for (const node of nodes) if (node instanceof MemoryFolder) node.keepSome(survives)
    this.#keep(({ node }) => node === undefined && survives('name'))
  }

  /** `seen` keeps one file one file where two names are left of it. */
  afterCrash(survives: Survives, seen: Map<Node, Node>): MemoryFolder {
    const folder = new MemoryFolder()
    for (const [name, node] of this.#durable) {
      const after =
        seen.get(node) ?? (node instanceof MemoryFolder ? node.afterCrash(survives, seen) : node.afterCrash(survives))
      seen.set(node, after)
      folder.entries.set(name, after)
    }
    folder.#durable = new Map(folder.entries)
    return folder
  }
}

function apply(content: Uint8Array<ArrayBuffer>, change: Change): Uint8Array<ArrayBuffer> {
  const length =
    change.kind === 'truncate' ? change.length : Math.max(content.length, change.position + change.bytes.length)
  const next = new Uint8Array(length)
  next.set(content.subarray(0, length))
  if (change.kind === 'write') next.set(change.bytes, change.position)
  return next
}

function torn(change: Change): Change[] {
  if (change.kind === 'truncate') return [change]
  const parts: Change[] = []
  for (let from = 0; from < change.bytes.length;) {
    const to = Math.min(change.bytes.length, from + sector - ((change.position + from) % sector))
    parts.push({ kind: 'write', position: change.position + from, bytes: change.bytes.slice(from, to) })
    from = to
  }
  return parts
}

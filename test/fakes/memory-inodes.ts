/** Whether something that was never synced is there after a power cut all the same. */
export type Survives = () => boolean

type Node = MemoryFile | MemoryFolder
type Change =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number }

/** What a disk writes whole or not at all, in bytes. */
const sector = 512

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
    this.#durable = this.content
    this.#unsynced = []
  }

  /** Writes are torn at sectors and survive in any combination; what is missing between them reads as zeros. */
  afterCrash(survives: Survives): MemoryFile {
    const file = new MemoryFile()
    file.content = this.#unsynced
      .flatMap(torn)
      .reduce((at, change) => (survives() ? apply(at, change) : at), this.#durable)
    file.sync()
    return file
  }
}

/** A folder's names, likewise. */
export class MemoryFolder {
  readonly entries = new Map<string, Node>()
  #durable = new Map<string, Node>()
  readonly #unsynced: { readonly name: string; readonly node: Node | undefined }[] = []

  link(name: string, node: Node): void {
    this.entries.set(name, node)
    this.#unsynced.push({ name, node })
  }

  unlink(name: string): void {
    this.entries.delete(name)
    this.#unsynced.push({ name, node: undefined })
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
    this.#durable = new Map(this.entries)
    this.#unsynced.length = 0
  }

  syncAll(): void {
    this.sync()
    for (const node of this.entries.values()) if (node instanceof MemoryFolder) node.syncAll()
  }

  /** `seen` keeps one file one file where two names are left of it. */
  afterCrash(survives: Survives, seen: Map<Node, Node>): MemoryFolder {
    const left = new Map(this.#durable)
    for (const { name, node } of this.#unsynced) {
      if (!survives()) continue
      if (node === undefined) left.delete(name)
      else left.set(name, node)
    }
    const folder = new MemoryFolder()
    for (const [name, node] of left) {
      const after =
        seen.get(node) ?? (node instanceof MemoryFolder ? node.afterCrash(survives, seen) : node.afterCrash(survives))
      seen.set(node, after)
      folder.entries.set(name, after)
    }
    folder.sync()
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

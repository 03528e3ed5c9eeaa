import type { ServedFile } from '../fakes/served-file.ts'
import type { MemorySftpServer } from '../fakes/memory-sftp.ts'

interface Put {
  readonly file: ServedFile
  readonly content: Buffer
}

/** Files that somebody else has put on the server under names of ours. */
export class Strangers {
  /** Names that were ever taken. */
  readonly names = new Set<string>()
  readonly #there = new Map<string, Put>()

  constructor(private readonly server: MemorySftpServer) {}

  /** Durably; no name that shows anything is taken. */
  put(path: string, content: Buffer): void {
    this.server.put(path, content)
    const file = this.server.nodes.get(path) as ServedFile
    // Whatever was renamed there before stays as it is now, however the server loses its power.
    this.server.names.change({ [path]: file })
    this.server.names.sync(file)
    this.#there.set(path, { file, content })
    this.names.add(path)
  }

  /** Whether what the server shows under that name is a stranger's. */
  isAt(path: string): boolean {
    const node = this.server.nodes.get(path)
    return node !== undefined && node === this.#there.get(path)?.file
  }

  /** Whoever has put it there removes it, durably as well. */
  takeAway(path: string): void {
    if (!this.isAt(path)) return
    this.server.nodes.delete(path)
    this.#there.delete(path)
  }

  /** Names whose file is gone, or not what was put there, though nobody has taken it away. */
  get harmed(): string[] {
    return [...this.#there].flatMap(([path, { file, content }]) =>
      this.isAt(path) && content.equals(file.content) ? [] : [path],
    )
  }
}

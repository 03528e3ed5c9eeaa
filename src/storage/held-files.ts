import type { SealedFile } from '../domain/sealed-file.ts'
import type { Milliseconds } from '../domain/units.ts'

export interface HeldFile {
  readonly file: SealedFile
  readonly since: Milliseconds
}

/** Files that wait to be packed, the oldest first, each once. However many there are, none costs more than another. */
export class HeldFiles {
  #files: HeldFile[] = []
  /** What is before that has been removed: to move up all others each time would cost their number each time. */
  #begin = 0
  readonly #paths = new Set<string>()

  get count(): number {
    return this.#paths.size
  }

  get first(): HeldFile | undefined {
    return this.#files[this.#begin]
  }

  add(held: HeldFile): void {
    if (this.#paths.has(held.file.path)) return
    this.#paths.add(held.file.path)
    this.#files.push(held)
  }

  /** Before all others. */
  putFirst(held: readonly HeldFile[]): void {
    const rest = this.oldest(this.count)
    this.#files = []
    this.#begin = 0
    this.#paths.clear()
    for (const list of [held, rest]) for (const each of list) this.add(each)
  }

  oldest(count: number): readonly HeldFile[] {
    return this.#files.slice(this.#begin, this.#begin + count)
  }

  find(path: string): HeldFile | undefined {
    return this.#paths.has(path) ? this.#files.find(({ file }) => file.path === path) : undefined
  }

  remove(paths: readonly string[]): void {
    const gone = new Set(paths.filter((path) => this.#paths.delete(path)))
    let { first } = this
    for (; first !== undefined && gone.delete(first.file.path); first = this.first) this.#begin++
    // Only now and then, and all the more rarely the more there are.
    if (gone.size === 0 && this.#begin * 2 < this.#files.length) return
    this.#files = this.#files.slice(this.#begin).filter(({ file }) => !gone.has(file.path))
    this.#begin = 0
  }
}

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Print, printOf, type Prints } from './evidence.ts'

/** Between two looks at the same folder, in milliseconds. */
const pauseMs = 10

/** Looks at the server's folder all the time, as a consumer would, and takes a print of each file as soon as it has a final name. */
export class Lookout {
  readonly #seen = new Map<string, Print>()
  readonly #over: Promise<void>
  #going = true

  constructor(
    private readonly folder: string,
    private readonly series: readonly string[],
  ) {
    this.#over = this.#look()
  }

  /** Resolves with what each final name showed first. */
  async end(): Promise<Prints> {
    this.#going = false
    await this.#over
    return this.#seen
  }

  async #look(): Promise<void> {
    while (this.#going) {
      for (const series of this.series) {
        for (const name of await readdir(join(this.folder, series)).catch(() => [])) {
          const path = `${series}/${name}`
          if (name.endsWith('.csv') && !this.#seen.has(path)) {
            this.#seen.set(path, printOf(await readFile(join(this.folder, path))))
          }
        }
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
    }
  }
}

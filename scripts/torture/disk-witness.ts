import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Row, rowsOf } from '../../test/e2e/support/site.ts'
import type { LogLine } from '../../test/e2e/support/daemon.ts'
import { commitsOf, type SeenOnDisk } from './evidence.ts'
import { nameOf, rowFaults } from './verdict.ts'

/**
 * Looks into the data folder between two lives of the daemon. A kill leaves what the kernel holds, and so each whole row that
 * is there, accepted or not, has to come to the server; and each that the log called accepted has to be there.
 */
export class DiskWitness implements SeenOnDisk {
  readonly rows = new Map<string, string>()
  readonly faults: string[] = []
  open = 0

  constructor(
    private readonly folder: string,
    private readonly series: readonly string[],
  ) {}

  /** After the end of the life that wrote `log`, and before the next one begins. Where nothing leaves the folder, all is there. */
  async look(log: readonly LogLine[]): Promise<void> {
    const rows = await this.#wholeRows()
    this.faults.push(...rowFaults(commitsOf(log), rows, 'in the data folder after a kill'))
    for (const row of rows) {
      const name = nameOf(row)
      if (this.rows.has(name)) continue
      this.rows.set(name, row.file)
      if (row.file.startsWith('open/')) this.open++
    }
  }

  async #wholeRows(): Promise<Row[]> {
    const places = await Promise.all(
      ['open', ...this.series].map(async (place) => {
        const names = await readdir(join(this.folder, place)).catch(() => [])
        return names.filter((name) => /\.csv(\.open)?$/.test(name)).map((name) => `${place}/${name}`)
      }),
    )
    const rows = await Promise.all(
      places.flat().map(async (file) => {
        const text = await readFile(join(this.folder, file), 'utf8')
        // What no line end follows is no row yet, or no header.
        const whole = text.slice(0, text.lastIndexOf('\n') + 1)
        return whole === '' ? [] : rowsOf(file, whole)
      }),
    )
    return rows.flat()
  }
}

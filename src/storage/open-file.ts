import { createHash } from 'node:crypto'
import type { CsvFolder } from '../domain/csv-row.ts'
import { openFolder } from '../domain/data-folder.ts'
import { DiskError } from '../domain/disk-error.ts'
import { formatCsvFileName } from '../domain/file-name.ts'
import type { BootNumber, CameraId } from '../domain/ids.ts'
import { csvFilePath, type SealedFile } from '../domain/sealed-file.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk, DiskFile } from '../ports/disk.ts'
import { headerLine } from './csv-format.ts'
import { writeWhole } from './write-whole.ts'
import type { WriterLedger } from './writer-ledger.ts'

export const openPath = (fileName: string): string => `${openFolder}/${fileName}.open`

/**
 * A CSV file that grows: its accepted part, and at most one append beyond it.
 *
 * Bytes beyond the accepted part are cut off before anything else is written, and before the file is sealed.
 */
export class OpenFile {
  /** Failed tries in a row, those for want of room not counted. */
  failures = 0
  /** Its name may be another already: a try to set it aside has failed. */
  mayBeAside = false
  #bytes = 0
  #rows = 0
  #overhang = false
  #isClosed = false
  readonly #hash = createHash('sha256')

  private constructor(
    readonly path: string,
    readonly sealedPath: string,
    readonly openedAt: Milliseconds,
    private readonly folder: CsvFolder,
    private readonly file: DiskFile,
    private readonly disk: Disk,
    private readonly ledger: WriterLedger,
  ) {}

  static async create(
    name: { readonly cameraId: CameraId; readonly folder: CsvFolder; readonly boot: BootNumber },
    { disk, ledger, clock }: { disk: Disk; ledger: WriterLedger; clock: Clock },
  ): Promise<OpenFile> {
    const whole = { ...name, openedAt: clock.now(), sequence: ledger.nextSequence() }
    const fileName = formatCsvFileName(whole)
    const path = openPath(fileName)
    const file = await disk.create(path)
    // Before anything is written: what a crash leaves in it now is known not to be accepted.
    ledger.note(path, { bytes: 0, rows: 0 })
    return new OpenFile(path, csvFilePath(whole, fileName), clock.monotonic(), name.folder, file, disk, ledger)
  }

  get rows(): number {
    return this.#rows
  }

  /** The accepted part, the header included. */
  get bytes(): number {
    return this.#bytes
  }

  /** How long the file would be with `text` appended. */
  bytesWith(text: number): number {
    return (this.#bytes || headerLine(this.folder).length) + text
  }

  /**
   * Appends rows and makes them durable. Where this throws, nothing is accepted, and the same rows may be tried again.
   * `accepted` is called in the same turn in which the file counts them as its own.
   */
  async append(text: Uint8Array, rows: number, accepted: () => void): Promise<void> {
    const isFirst = this.#bytes === 0
    const bytes = isFirst ? Buffer.concat([headerLine(this.folder), text]) : text
    if (this.#overhang) await this.file.truncate(this.#bytes)
    this.#overhang = true
    await writeWhole(this.file, bytes, this.#bytes, this.path)
    await this.file.datasync()
    // Contents alone don't survive: the name has to be durable as well before the first row counts.
    if (isFirst) await this.disk.syncFolder(openFolder)
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    this.#rows += rows
    this.#overhang = false
    this.failures = 0
    this.ledger.note(this.path, { bytes: this.#bytes, rows: this.#rows })
    accepted()
  }

  /** Whether bytes may stand beyond the accepted part, now or after a power cut. */
  get hasOverhang(): boolean {
    return this.#overhang
  }

  /** After a failed append, whose failure is the one to tell: where this fails too, the overhang stays noted. */
  async giveRoomBack(): Promise<void> {
    try {
      await this.file.truncate(this.#bytes)
      await this.file.datasync()
      this.#overhang = false
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
    }
  }

  /** Makes exactly the accepted part durable and closes the file. May be called again after a failure. */
  async finish(): Promise<void> {
    if (this.#isClosed) return
    if (this.#overhang) await this.file.truncate(this.#bytes)
    await this.file.datasync()
    this.#overhang = false
    await this.close()
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.file.close()
  }

  /** The file as it is sealed; once, after `finish`. */
  sealed(priority: number): SealedFile {
    const sha256 = this.#hash.copy().digest('hex')
    return { path: this.sealedPath, bytes: this.#bytes, sha256, rows: this.#rows, priority }
  }
}

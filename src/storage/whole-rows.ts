import { csvColumns, type CsvFolder } from '../domain/csv-row.ts'
import type { CameraId } from '../domain/ids.ts'
import { headerLine } from './csv-format.ts'

const [nul, lineFeed, carriageReturn, quote, comma, zero, nine] = [0x00, 0x0a, 0x0d, 0x22, 0x2c, 0x30, 0x39]

/** The first cells of a row name its frame. */
const cellsOfFrame = csvColumns.model.indexOf('detection')

type Place = 'cell-start' | 'plain' | 'quoted' | 'quote-seen'

/**
 * Finds the longest beginning of a file of ours that is a whole header and whole rows. Fed with the file's bytes in order.
 *
 * After a power cut, what was never synced may be there in part, sector by sector, with zeros between. So a row counts as
 * whole only if it is well formed: its line end (outside quotes), the right number of cells, a number first, the camera second.
 * Accepted rows are a beginning of the file and well formed, and are never cut.
 *
 * Of an accepted frame all rows are whole. So one that a torn row belongs to as well was never accepted, and is torn with it.
 * A cut before the torn row names its frame leaves that open.
 */
export class WholeRows {
  #rows = 0
  #wholeBytes = 0
  #bytes = 0
  #isBroken = false
  #place: Place = 'cell-start'
  #cell = 0
  #cellBytes = 0
  /** What stands before the frame of the last whole row. */
  #before = { bytes: 0, rows: 0 }
  /** What names the frame of the row at hand, as far as it was read; behind that, of the row before it. */
  readonly #frame: number[] = []
  #frameBytes = 0
  #isSameFrame = false
  readonly #header: Uint8Array
  readonly #camera: Uint8Array
  readonly #columns: number

  constructor(name: { readonly cameraId: CameraId; readonly folder: CsvFolder }) {
    this.#header = headerLine(name.folder)
    this.#camera = Buffer.from(name.cameraId)
    this.#columns = csvColumns[name.folder].length
  }

  /** Whole rows, the header not counted. */
  get rows(): number {
    return this.#rows
  }

  /** The header and the whole rows; 0 where not even the header is whole. */
  get wholeBytes(): number {
    return this.#wholeBytes
  }

  /** The header and the whole rows, without those of a frame that was cut through. */
  get wholeFrames(): { readonly bytes: number; readonly rows: number } {
    const isCutThrough = this.#isSameFrame && this.#cell >= cellsOfFrame
    return isCutThrough ? this.#before : { bytes: this.#wholeBytes, rows: this.#rows }
  }

  /** Everything that was fed. */
  get bytes(): number {
    return this.#bytes
  }

  push(chunk: Uint8Array): void {
    for (const byte of chunk) {
      if (!this.#isBroken) this.#isBroken = !this.#take(byte)
      this.#bytes++
    }
  }

  /** Whether the beginning may still go on. */
  #take(byte: number): boolean {
    if (this.#bytes < this.#header.length) {
      if (byte !== this.#header[this.#bytes]) return false
      if (this.#bytes === this.#header.length - 1) this.#wholeBytes = this.#header.length
      return true
    }
    if (byte === nul) return false
    if (this.#cell < cellsOfFrame) this.#noteFrame(byte)
    switch (this.#place) {
      case 'quoted':
        if (byte === quote) this.#place = 'quote-seen'
        else this.#cellBytes++
        return true
      case 'quote-seen':
        if (byte !== quote) return this.#end(byte)
        this.#place = 'quoted'
        this.#cellBytes++
        return true
      case 'cell-start':
        if (byte !== quote) return this.#plain(byte)
        this.#place = 'quoted'
        // The first two cells never need quotes.
        return this.#cell > 1
      case 'plain':
        return this.#plain(byte)
    }
  }

  #noteFrame(byte: number): void {
    this.#isSameFrame =
      (this.#frameBytes === 0 ? this.#rows > 0 : this.#isSameFrame) && byte === this.#frame[this.#frameBytes]
    this.#frame[this.#frameBytes++] = byte
  }

  #plain(byte: number): boolean {
    if (byte === comma || byte === lineFeed) return this.#end(byte)
    if (byte === quote || byte === carriageReturn) return false
    if (this.#cell === 0 && (byte < zero || byte > nine)) return false
    if (this.#cell === 1 && byte !== this.#camera[this.#cellBytes]) return false
    this.#place = 'plain'
    this.#cellBytes++
    return true
  }

  /** The cell ends here, and at a line end the row. */
  #end(byte: number): boolean {
    if (byte !== comma && byte !== lineFeed) return false
    if (this.#cell === 0 && this.#cellBytes === 0) return false
    if (this.#cell === 1 && this.#cellBytes !== this.#camera.length) return false
    this.#place = 'cell-start'
    this.#cellBytes = 0
    this.#cell++
    if (byte === comma) return this.#cell < this.#columns
    if (this.#cell !== this.#columns) return false
    if (!this.#isSameFrame) this.#before = { bytes: this.#wholeBytes, rows: this.#rows }
    this.#cell = 0
    this.#frameBytes = 0
    this.#rows++
    this.#wholeBytes = this.#bytes + 1
    return true
  }
}

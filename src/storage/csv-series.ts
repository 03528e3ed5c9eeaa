import { dirname } from 'node:path'
import { counted } from '../domain/counted.ts'
import type { CsvFolder } from '../domain/csv-row.ts'
import { openFolder } from '../domain/data-folder.ts'
import { DiskError } from '../domain/disk-error.ts'
import { OperatingError } from '../domain/errors.ts'
import type { BootNumber, CameraId } from '../domain/ids.ts'
import { fileWords, type SealedFile } from '../domain/sealed-file.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import type { Attempts } from './attempts.ts'
import type { RowFormatter } from './csv-format.ts'
import { isForWantOfRoom, isMissing, isPerhapsForWantOfRoom } from './disk-faults.ts'
import { OpenFile } from './open-file.ts'
import type { Reserve } from './reserve.ts'
import { isFull, type Rotation } from './rotation.ts'
import type { RowQueue, SeriesPath } from './row-queue.ts'
import { heldWord, isThere, renameOnce, sealFile, type SealWorld, standsUnderNeither } from './seal-file.ts'
import type { WriterEvent } from './writer-event.ts'

/** After this many failed tries in a row to append to a file, the file is left: its accepted rows are sealed. */
const triesPerFile = 5

/** While so many files wait to be sealed, writing waits too. */
const unsealedBound = 8

const asideOf = ({ path }: OpenFile): string => path.replace(/\.open$/, '.failed')

/** Why something waits, in words, and what tells it from waiting for something else. */
export interface Waits {
  readonly cause: string
  readonly why: string
}

export interface SeriesWorld extends SealWorld {
  readonly queue: RowQueue
  readonly boot: BootNumber
  readonly rotation: Rotation
  readonly formatRows: RowFormatter
  readonly reserve: Reserve
  readonly say: (event: WriterEvent) => void
  /** Hears of each file once it is sealed and handed over. */
  readonly onSealed: (file: SealedFile) => void
  readonly attempts: () => Attempts
  readonly priorityOf: (cameraId: CameraId) => number
}

/**
 * One camera's files in one folder, one after the other: at most one is open, a few wait to be sealed.
 *
 * One `turn` at a time; the rest may be called whenever.
 */
export class CsvSeries {
  #current: OpenFile | undefined
  #unsealed: OpenFile[] = []
  /** What the latest failed append was about. */
  #tried: { rows: number; count: number; error: DiskError | undefined } = { rows: 0, count: 0, error: undefined }
  readonly #writing: Attempts
  readonly #sealing: Attempts

  constructor(
    private readonly path: SeriesPath,
    private readonly world: SeriesWorld,
  ) {
    this.#writing = world.attempts()
    this.#sealing = world.attempts()
  }

  /** Why rows or files of this series wait. */
  get waits(): Waits | undefined {
    const { why, cause } = this.#writing.why === undefined ? this.#sealing : this.#writing
    return why === undefined ? undefined : { cause: `${this.path} ${cause}`, why: `${this.path} waits: ${why}` }
  }

  /** Nothing is open, nothing waits to be sealed. */
  get isIdle(): boolean {
    return this.#current === undefined && this.#unsealed.length === 0
  }

  /** When a turn has something to write, if rows wait: at once, or when the next try is due. */
  get writeDue(): Milliseconds {
    return this.#unsealed.length >= unsealedBound
      ? milliseconds(Math.max(this.#writing.retryAt, this.#sealing.retryAt))
      : this.#writing.retryAt
  }

  /** When a turn has something to seal; `all`: every file, whether its time has come or not. */
  sealDue(all: boolean): Milliseconds {
    const file = this.#retirable
    const interval = file ? (all ? 0 : file.openedAt + this.world.rotation.interval) : Infinity
    const retry = this.#unsealed.length > 0 ? this.#sealing.retryAt : Infinity
    return milliseconds(Math.min(interval, retry))
  }

  /** The next tries may come at once. */
  hurry(): void {
    this.#writing.hurry()
    this.#sealing.hurry()
  }

  /** Seals what is due, writes what waits, seals what that filled; `all`: seals everything. */
  async turn({ write, all }: { readonly write: boolean; readonly all: boolean }): Promise<void> {
    const { clock, rotation } = this.world
    if (this.#current && clock.monotonic() >= this.#current.openedAt + rotation.interval) this.#retire()
    await this.#sealWhatIsRetired()
    // At a stop what is queued may go where the reserve was: that is what it is for.
    if (write) await this.#try(this.#writing, () => this.#writeWhatWaits({ reserving: !all }))
    if (all && this.world.queue.peek(this.path).length === 0) this.#retire()
    await this.#sealWhatIsRetired()
  }

  async #writeWhatWaits({ reserving }: { readonly reserving: boolean }): Promise<void> {
    const { queue, rotation, reserve } = this.world
    if (reserving) await reserve.hold()
    while (queue.peek(this.path).length > 0 && this.#unsealed.length < unsealedBound) {
      if (this.#current && this.#current.failures >= triesPerFile) await this.#leave(this.#current)
      this.#current ??= await OpenFile.create(this.#name, { ...this.world, ledger: queue.ledger })
      const file = this.#current
      const next = this.#nextFor(file)
      try {
        await file.append(next.text, next.rows, () => queue.accept(this.path, next.count))
      } catch (error) {
        if (!(error instanceof DiskError)) throw error
        this.#tried = { rows: next.rows, count: next.count, error }
        const isFull = isForWantOfRoom(error)
        if (!isFull) file.failures++
        await file.giveRoomBack()
        if (isFull || file.rows > 0 || file.failures <= triesPerFile) throw error
        await this.#setAside(file)
        continue
      }
      if (!isFull(rotation, file)) continue
      this.#retire()
      await this.#sealWhatIsRetired()
    }
  }

  /** As many of the waiting requests as it takes to fill the file, as one text. */
  #nextFor(file: OpenFile): { text: Uint8Array; rows: number; count: number } {
    const texts: Uint8Array[] = []
    const held = { rows: file.rows, bytes: file.bytesWith(0) }
    for (const request of this.world.queue.peek(this.path)) {
      const text = this.world.formatRows(request.rows)
      texts.push(text)
      held.rows += request.rows.length
      held.bytes += text.length
      if (isFull(this.world.rotation, held)) break
    }
    return { text: Buffer.concat(texts), rows: held.rows - file.rows, count: texts.length }
  }

  /**
   * Turns away from a file that stays unwritable; where this throws, it is called again before anything else is written.
   *
   * Its accepted rows are sealed; a disk that was away may have come back, so each time that is tried first. Where it has none,
   * the append is tried once more instead. A file that cannot even be cut back to its accepted rows is set aside.
   */
  async #leave(file: OpenFile): Promise<void> {
    // A rename that was reported as failed may have been done, and then there is no way back.
    if (file.mayBeAside && (await isThere(this.world.disk, asideOf(file)))) return this.#setAside(file)
    file.mayBeAside = false
    if (file.rows === 0) return
    try {
      await file.finish()
      this.#retire()
    } catch (error) {
      if (!(error instanceof DiskError) || isForWantOfRoom(error) || file.failures++ < 2 * triesPerFile) throw error
      await this.#setAside(file)
    }
  }

  /**
   * Sets a file aside, out of the way of the start scan and of the uploader, for somebody to look at. The same rows may go into
   * another file only once it is certain that this one will not be found to hold them.
   */
  async #setAside(file: OpenFile): Promise<void> {
    const { disk, queue, say } = this.world
    const aside = asideOf(file)
    file.mayBeAside = true
    const isGone = await renameOnce(disk, file.path, aside).then(
      () => false,
      async (error: unknown) => {
        if (isMissing(error) && (await standsUnderNeither(disk, file.path, aside))) return true
        throw error
      },
    )
    await disk.syncFolder(openFolder)
    queue.ledger.forget(file.path)
    this.#current = undefined
    const { rows, count, error } = this.#tried
    const where = isGone ? `${file.path}, which is gone` : aside
    if (file.rows === 0) {
      queue.fail(this.path, count)
      say({
        type: 'request.failed',
        why: `${this.path} has lost ${counted(rows, 'row')}, see ${where}: ${error?.message}`,
      })
    } else {
      say({
        type: 'request.failed',
        why: `${this.path} has ${counted(file.rows, 'accepted row')} only in ${where}: ${error?.message}`,
      })
    }
    await file.close()
  }

  /** The open file, if it can be given up to be sealed now. */
  get #retirable(): OpenFile | undefined {
    const file = this.#current
    if (file === undefined || file.rows === 0 || file.hasOverhang || file.mayBeAside) return undefined
    return this.#unsealed.length < unsealedBound ? file : undefined
  }

  #retire(): void {
    const file = this.#retirable
    if (file === undefined) return
    this.#unsealed.push(file)
    this.#current = undefined
  }

  async #sealWhatIsRetired(): Promise<void> {
    if (this.#unsealed.length === 0 || this.world.clock.monotonic() < this.#sealing.retryAt) return
    await this.#try(this.#sealing, async () => {
      const failures: OperatingError[] = []
      for (const file of [...this.#unsealed]) {
        try {
          await this.#seal(file)
        } catch (error) {
          // It holds up none of the later ones.
          if (!(error instanceof OperatingError)) throw error
          failures.push(error)
        }
      }
      const failure = failures.find(isForWantOfRoom) ?? failures[0]
      if (failure !== undefined) throw failure
    })
  }

  async #seal(file: OpenFile): Promise<void> {
    await file.finish()
    const sealed = file.sealed(this.world.priorityOf(this.#name.cameraId))
    const { disk, folders, queue, say, onSealed } = this.world
    const isGone = await sealFile(this.world, file.path, sealed).then(
      () => false,
      async (error: unknown) => {
        if (!isMissing(error)) throw error
        if (await standsUnderNeither(disk, file.path, sealed.path)) return true
        // It may be the folder that somebody removed: the next try makes it again.
        folders.delete(dirname(sealed.path))
        throw error
      },
    )
    this.#unsealed = this.#unsealed.filter((other) => other !== file)
    queue.ledger.forget(file.path)
    if (isGone) {
      const lost = `${this.path} has lost ${counted(file.rows, 'accepted row')}`
      say({
        type: 'request.failed',
        why: `${lost}: ${file.path} is gone, and nothing stands under its final name`,
      })
      return
    }
    onSealed(sealed)
    say({ type: 'file.sealed', ...fileWords(sealed), ...heldWord(this.world) })
  }

  /** Where there is no room, the reserve is given up. */
  #try(attempts: Attempts, work: () => Promise<void>): Promise<void> {
    return attempts.try(work, async (error) => {
      if (isPerhapsForWantOfRoom(error)) await this.world.reserve.release()
    })
  }

  get #name(): { cameraId: CameraId; folder: CsvFolder; boot: BootNumber } {
    const [cameraId, folder] = this.path.split('/') as [CameraId, CsvFolder]
    return { cameraId, folder, boot: this.world.boot }
  }
}

import { basename, dirname } from 'node:path'
import { openFolder } from '../domain/data-folder.ts'
import { OperatingError } from '../domain/errors.ts'
import { parseCsvFileName } from '../domain/file-name.ts'
import type { CameraId } from '../domain/ids.ts'
import { csvFilePath, fileWords, type SealedFile } from '../domain/sealed-file.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import { adoptFile, filesIn } from './adopt-file.ts'
import type { Attempts } from './attempts.ts'
import { isMissing } from './disk-faults.ts'
import { openPath } from './open-file.ts'
import type { RowQueue } from './row-queue.ts'
import type { ScanReport } from './scan-report.ts'
import { heldWord, type SealWorld } from './seal-file.ts'
import { sealLeftOpen } from './seal-left-open.ts'
import type { WriterEvent } from './writer-event.ts'

export interface UnreadWorld extends SealWorld {
  readonly queue: RowQueue
  readonly priorityOf: (cameraId: CameraId) => number
  readonly say: (event: WriterEvent) => void
  /** Hears of each file that is handed over after all. */
  readonly onAdopted: (file: SealedFile) => void
}

/**
 * What could not be worked on when the data folder was scanned (`ScanReport.unread` says of what kinds): looked at again, later
 * and later, until it can be taken in. One turn at a time. At a stop each is tried once more; the next scan finds what is still
 * there then.
 */
export class UnreadFiles {
  readonly #paths: Set<string>
  #hadItsLastTry = false

  constructor(
    unread: ScanReport['unread'],
    private readonly world: UnreadWorld,
    private readonly attempts: Attempts,
  ) {
    this.#paths = new Set(unread.map(({ path }) => path))
    const [first] = unread
    if (first !== undefined) attempts.failed({ message: first.why })
  }

  due(all: boolean): Milliseconds {
    if (this.#paths.size === 0 || this.#hadItsLastTry) return milliseconds(Infinity)
    return all ? milliseconds(0) : this.attempts.retryAt
  }

  async turn(all: boolean): Promise<void> {
    this.#hadItsLastTry = all
    try {
      for (const path of this.#paths) await this.#look(path)
      const [left] = this.#paths
      if (left === undefined) this.attempts.succeeded()
      else this.attempts.failed({ message: `${left} cannot be taken in` })
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error
      this.attempts.failed(error)
    }
  }

  async #look(path: string): Promise<void> {
    const folder = dirname(path)
    if (folder === openFolder) await this.#seal(path)
    else if (dirname(folder) === '.') await this.#list(path)
    else await this.#adopt(path)
  }

  async #seal(path: string): Promise<void> {
    const { queue, priorityOf } = this.world
    const name = basename(path)
    const fileName = name.replace(/\.open$/, '')
    try {
      const mended = await sealLeftOpen(this.world, name, queue.ledger, priorityOf)
      if (mended.outcome === 'unread') return this.#wait(path, mended.why)
      if (mended.outcome === 'mended') this.#handedOver(mended.file)
      if (mended.outcome === 'set-aside') this.#say(path, `is set aside as ${mended.path}: ${mended.why}`)
    } catch (error) {
      const parsed = parseCsvFileName(fileName)
      if (!isMissing(error) || parsed === undefined) throw error
      // An earlier try may have got as far as its final name.
      queue.ledger.forget(path)
      this.#paths.add(csvFilePath(parsed, fileName))
    }
    this.#paths.delete(path)
  }

  /** What is in the folder is looked at next. What the writer is about to seal, and has not, is its own. */
  async #list(folder: string): Promise<void> {
    const found = await filesIn(this.world.disk, folder)
    if (typeof found === 'string') return this.#wait(folder, found)
    const { openFiles } = this.world.queue.ledger
    for (const path of found) if (!openFiles.has(openPath(basename(path)))) this.#paths.add(path)
    this.#paths.delete(folder)
  }

  async #adopt(path: string): Promise<void> {
    const adoption = await adoptFile(this.world, path, this.world.priorityOf)
    if (adoption.outcome === 'unread') return this.#wait(path, adoption.why)
    this.#paths.delete(path)
    if (adoption.outcome === 'left') this.#say(path, `is left alone: ${adoption.why}`)
    if (adoption.outcome === 'adopted') this.#handedOver(adoption.file)
  }

  #wait(path: string, why: string): void {
    this.#say(path, `is not delivered yet: ${why}; it is tried again`)
  }

  #say(path: string, what: string): void {
    this.world.say({ type: 'file.unreadable', path, why: `${path} ${what}` })
  }

  #handedOver(file: SealedFile): void {
    this.world.onAdopted(file)
    this.world.say({ type: 'file.adopted', ...fileWords(file), ...heldWord(this.world) })
  }
}

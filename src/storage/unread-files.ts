import { OperatingError } from '../domain/errors.ts'
import type { CameraId } from '../domain/ids.ts'
import { fileWords, type SealedFile } from '../domain/sealed-file.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import { adoptFile } from './adopt-file.ts'
import type { Attempts } from './attempts.ts'
import type { ScanReport } from './scan-report.ts'
import { heldWord, type SealWorld } from './seal-file.ts'
import type { WriterEvent } from './writer-event.ts'

export interface UnreadWorld extends SealWorld {
  readonly priorityOf: (cameraId: CameraId) => number
  readonly say: (event: WriterEvent) => void
  /** Hears of each file that is handed over after all. */
  readonly onAdopted: (file: SealedFile) => void
}

/**
 * Sealed files that the disk did not give out when the folder was scanned: looked at again, later and later, until they can
 * be taken in. One turn at a time. A stop doesn't wait for them: the next scan finds what is still there.
 */
export class UnreadFiles {
  readonly #paths: Set<string>

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
    return this.#paths.size === 0 || all ? milliseconds(Infinity) : this.attempts.retryAt
  }

  async turn(): Promise<void> {
    try {
      for (const path of this.#paths) await this.#look(path)
      const [left] = this.#paths
      if (left === undefined) this.attempts.succeeded()
      else this.attempts.failed({ message: `${left} cannot be read` })
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error
      this.attempts.failed(error)
    }
  }

  async #look(path: string): Promise<void> {
    const { priorityOf, say, onAdopted } = this.world
    const adoption = await adoptFile(this.world, path, priorityOf)
    if (adoption.outcome === 'unread') {
      say({ type: 'file.unreadable', path, why: `${path} is not delivered yet: ${adoption.why}; it is tried again` })
      return
    }
    this.#paths.delete(path)
    if (adoption.outcome === 'left') {
      say({ type: 'file.unreadable', path, why: `${path} is left alone: ${adoption.why}` })
    }
    if (adoption.outcome === 'adopted') {
      onAdopted(adoption.file)
      say({ type: 'file.adopted', ...fileWords(adoption.file), ...heldWord(this.world) })
    }
  }
}

import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VideoSource } from '../../ports/video-source.ts'
import { systemWords } from '../terminal/system-words.ts'
import { CheckFailedError } from './check-line.ts'

/** Where downloads of the check go, for us alone to read: made when the first begins. Those of a daemon that runs are its own. */
export class ScratchFolder {
  readonly path = join(tmpdir(), `belay-check-${randomUUID()}`)
  #made: Promise<unknown> | undefined

  /** The same source, which has the folder before it opens. `open` @throws {CheckFailedError} it cannot be made. */
  before(source: VideoSource): VideoSource {
    return {
      open: async (sink, signal) => {
        await this.#make()
        return source.open(sink, signal)
      },
      released: () => source.released(),
    }
  }

  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true })
  }

  async #make(): Promise<void> {
    try {
      await (this.#made ??= mkdir(this.path, { mode: 0o700 }))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      const what = `mkdir of ${this.path} failed with ${systemWords(code)}`
      throw new CheckFailedError(`A video cannot be downloaded for the check: ${what}. TMPDIR says where`, {
        cause: error,
      })
    }
  }
}

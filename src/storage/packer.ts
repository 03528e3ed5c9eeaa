import { dirname } from 'node:path'
import { SealedFileChangedError } from '../domain/delivery-errors.ts'
import { OperatingError } from '../domain/errors.ts'
import { fileWords, type SealedFile } from '../domain/sealed-file.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import type { Attempts } from './attempts.ts'
import { packFiles, type PackPlan } from './pack-files.ts'
import type { SealWorld } from './seal-file.ts'
import type { WriterEvent } from './writer-event.ts'

/** What the manifest is asked for at a time. */
const page = 500

interface Waiting {
  readonly file: SealedFile
  readonly since: Milliseconds
}

/** Packs what is held: which files, and when. One turn at a time. */
export class Packer {
  /** By camera and folder, the oldest first. */
  readonly #waiting = new Map<string, Waiting[]>()
  #hasLooked = false

  constructor(
    private readonly plan: PackPlan,
    private readonly world: SealWorld,
    private readonly attempts: Attempts,
    private readonly say: (event: WriterEvent) => void,
  ) {}

  get why(): string | undefined {
    return this.attempts.why
  }

  /** Whether nothing waits to be packed. */
  get isIdle(): boolean {
    return this.#hasLooked && this.#waiting.size === 0
  }

  /** The file was sealed just now, and is held. */
  add(file: SealedFile): void {
    const series = dirname(file.path)
    // In place: a turn may be under way with these very files. The first look may find what was sealed meanwhile, too.
    const files = this.#waiting.get(series) ?? []
    this.#waiting.set(series, files)
    if (files.some((each) => each.file.path === file.path)) return
    files.push({ file, since: this.world.clock.monotonic() })
  }

  /** When there is something to pack; `all`: whatever waits, now. */
  due(all: boolean): Milliseconds {
    const first = this.#hasLooked ? Math.min(...[...this.#waiting.values()].map((files) => this.#dueOf(files, all))) : 0
    return milliseconds(Math.max(first, this.attempts.retryAt))
  }

  async turn(all: boolean): Promise<void> {
    try {
      if (!this.#hasLooked) await this.#look()
      const now = this.world.clock.monotonic()
      for (const [series, files] of this.#waiting) {
        while (files.length > 0 && this.#dueOf(files, all) <= now) await this.#pack(files)
        if (files.length === 0) this.#waiting.delete(series)
      }
      this.attempts.succeeded()
    } catch (error) {
      if (!(error instanceof OperatingError)) throw error
      this.attempts.failed(error)
    }
  }

  hurry(): void {
    this.attempts.hurry()
  }

  /** What an earlier life has left. */
  async #look(): Promise<void> {
    for (let afterId = 0; ;) {
      const held = await this.world.manifest.files({ states: ['held'], afterId, limit: page })
      for (const file of held) this.add(file)
      const last = held.at(-1)
      if (last === undefined) break
      afterId = last.id
    }
    this.#hasLooked = true
  }

  #dueOf(files: readonly Waiting[], all: boolean): number {
    const { as, files: full, interval } = this.plan
    const [first] = files
    if (first === undefined) return Infinity
    return all || as === 'gzip' || files.length >= full ? 0 : first.since + interval
  }

  /** The oldest ones leave `files` once they are packed, or one alone if it is no longer what was sealed. */
  async #pack(files: Waiting[]): Promise<void> {
    const members = files.slice(0, this.plan.as === 'gzip' ? 1 : this.plan.files).map(({ file }) => file)
    try {
      const packed = await packFiles(this.world, this.plan, members)
      files.splice(0, members.length)
      for (const member of members) this.say({ type: 'file.archived', ...fileWords(member), into: packed.path })
      this.say({ type: 'file.packed', ...fileWords(packed), files: members.length })
    } catch (error) {
      if (!(error instanceof SealedFileChangedError)) throw error
      // It stays held, and is tried again at the next start; the others don't wait for it.
      const bad = files.findIndex(({ file }) => file.path === error.path)
      files.splice(bad, 1)
      this.say({ type: 'file.unpackable', path: error.path, why: error.message })
    }
  }
}

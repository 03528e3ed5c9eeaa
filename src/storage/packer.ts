import { dirname } from 'node:path'
import { SealedFileChangedError } from '../domain/delivery-errors.ts'
import { DiskError } from '../domain/disk-error.ts'
import { fileWords, type SealedFile } from '../domain/sealed-file.ts'
import { type Milliseconds, milliseconds } from '../domain/units.ts'
import type { Attempts } from './attempts.ts'
import { isFilesOwn } from './disk-faults.ts'
import { type HeldFile, HeldFiles } from './held-files.ts'
import { everyFile } from './look-up-files.ts'
import { packFiles, type PackWorld } from './pack-files.ts'
import type { PackPlan } from './pack-plan.ts'
import type { WriterEvent } from './writer-event.ts'

/** One camera's files of one folder, which go into archives of their own. */
interface Series {
  readonly files: HeldFiles
  readonly attempts: Attempts
}

export interface PackerAttempts {
  /** For one thing that has to be done before others are. */
  readonly attempts: () => Attempts
  /** For files that the disk does not give out. */
  readonly rereading: Attempts
}

/**
 * Packs what is held: which files, and when. Series don't wait for one another, nor for a single file, and what is no longer
 * as it was sealed is refused. One turn at a time.
 */
export class Packer {
  readonly #series = new Map<string, Series>()
  readonly #looking: Attempts
  readonly #attempts: () => Attempts
  readonly #rereading: Attempts
  /** Files that the disk did not give out. */
  #unread: HeldFile[] = []
  #hasLooked = false

  constructor(
    private readonly plan: PackPlan,
    private readonly world: PackWorld,
    { attempts, rereading }: PackerAttempts,
    private readonly say: (event: WriterEvent) => void,
  ) {
    this.#looking = attempts()
    this.#attempts = attempts
    this.#rereading = rereading
  }

  /** Why something waits that could be packed: the first of the reasons. */
  get why(): string | undefined {
    const all = [this.#looking, ...[...this.#series.values()].map(({ attempts }) => attempts)]
    return all.find(({ why }) => why !== undefined)?.why
  }

  /** Whether nothing waits to be packed, but for what the disk does not give out: the next start finds that too. */
  get isIdle(): boolean {
    return this.#hasLooked && this.#series.size === 0
  }

  /** The file was sealed just now, and is held. */
  add(file: SealedFile): void {
    // The first look may find what was sealed meanwhile, too: it is there once.
    this.#seriesOf(file).files.add({ file, since: this.world.clock.monotonic() })
  }

  /** When there is something to pack; `all`: whatever waits, now. */
  due(all: boolean): Milliseconds {
    if (!this.#hasLooked) return this.#looking.retryAt
    const dues = [...this.#series.values()].map((series) => this.#dueOf(series, all))
    if (this.#unread.length > 0 && !all) dues.push(this.#rereading.retryAt)
    return milliseconds(Math.min(...dues))
  }

  async turn(all: boolean): Promise<void> {
    if (!this.#hasLooked) await this.#looking.try(() => this.#look())
    if (!this.#hasLooked) return
    const now = this.world.clock.monotonic()
    if (!all && this.#rereading.retryAt <= now) this.#takeBack()
    const before = this.#unread.length
    for (const [name, series] of this.#series) {
      if (this.#dueOf(series, all) > now) continue
      await series.attempts.try(async () => {
        while (this.#dueOf(series, all) <= now) await this.#pack(series.files)
      })
      if (series.files.count === 0) this.#series.delete(name)
    }
    const [first] = this.#unread
    if (first === undefined) this.#rereading.succeeded()
    else if (this.#unread.length > before) this.#rereading.failed({ message: `${first.file.path} cannot be read` })
  }

  hurry(): void {
    this.#looking.hurry()
    for (const { attempts } of this.#series.values()) attempts.hurry()
  }

  #seriesOf({ path }: SealedFile): Series {
    const name = dirname(path)
    const known = this.#series.get(name)
    // In place: a turn may be under way with these very files.
    if (known !== undefined) return known
    const series: Series = { files: new HeldFiles(), attempts: this.#attempts() }
    this.#series.set(name, series)
    return series
  }

  /** What an earlier life has left. */
  async #look(): Promise<void> {
    for await (const file of everyFile(this.world.manifest, { states: ['held'] })) this.add(file)
    this.#hasLooked = true
  }

  #takeBack(): void {
    const back = this.#unread.splice(0).map((held) => ({ held, series: this.#seriesOf(held.file) }))
    for (const each of new Set(back.map(({ series }) => series)))
      each.files.putFirst(back.filter(({ series }) => series === each).map(({ held }) => held))
  }

  #dueOf({ files, attempts }: Series, all: boolean): number {
    const { as, files: full, interval } = this.plan
    const { first } = files
    if (first === undefined) return Infinity
    return Math.max(attempts.retryAt, all || as === 'gzip' || files.count >= full ? 0 : first.since + interval)
  }

  /** The oldest ones leave `files` once they are packed, or one alone that stands in the way of the others. */
  async #pack(files: HeldFiles): Promise<void> {
    const members = files.oldest(this.plan.as === 'gzip' ? 1 : this.plan.files).map(({ file }) => file)
    try {
      const packed = await packFiles(this.world, this.plan, members)
      files.remove(packed.members.map(({ path }) => path))
      const into = packed.file.path
      for (const member of packed.members) this.say({ type: 'file.archived', ...fileWords(member), into })
      this.say({ type: 'file.packed', ...fileWords(packed.file), files: packed.members.length })
    } catch (error) {
      const isChanged = error instanceof SealedFileChangedError
      const isUnread = error instanceof DiskError && isFilesOwn(error)
      const bad = isChanged || isUnread ? files.find(error.path) : undefined
      if (bad === undefined) throw error
      const { path, message: why } = error as SealedFileChangedError | DiskError
      if (isChanged) {
        const { manifest, clock } = this.world
        await manifest.refuseHeld(path, why, clock.now())
        this.say({ type: 'file.refused', ...fileWords(bad.file), why })
      } else {
        // It stays held, and is tried again later.
        this.#unread.push(bad)
        this.say({ type: 'file.unpackable', path, why })
      }
      files.remove([path])
    }
  }
}

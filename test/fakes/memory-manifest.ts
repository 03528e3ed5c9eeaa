import { IllegalFileStateError } from '../../src/domain/illegal-file-state-error.ts'
import type { BootNumber } from '../../src/domain/ids.ts'
import type { SealedFile } from '../../src/domain/sealed-file.ts'
import { type EpochMs, epochMs } from '../../src/domain/units.ts'
import type { FileEntry, FileState, Manifest } from '../../src/ports/manifest.ts'

type Kept = { -readonly [Key in keyof FileEntry]: FileEntry[Key] } & { dueAt: EpochMs }

/** A change of state, as the manifest's history has it. */
export interface FileEvent {
  readonly path: string
  readonly from: FileState | undefined
  readonly to: FileState
  readonly why: string | undefined
}

/**
 * A manifest that lives as long as the object: what "restarts" on it is a new boot on the same disk.
 * It keeps the contract of the SQLite one, which the same suite holds both to.
 */
export class MemoryManifest implements Manifest {
  /** Every change of state so far, in order. */
  readonly history: FileEvent[] = []
  readonly #files: Kept[] = []
  #boots = 0

  /** A copy of everything that is known of one path. */
  file(path: string): Readonly<Kept> | undefined {
    const kept = this.#files.find((file) => file.path === path)
    return kept && { ...kept }
  }

  async beginBoot(at: EpochMs): Promise<BootNumber> {
    await this.release(at)
    return ++this.#boots
  }

  async add(file: SealedFile, sealedAt: EpochMs): Promise<void> {
    const known = this.#files.find(({ path }) => path === file.path)
    if (known?.sha256 === file.sha256) return
    if (known) throw new IllegalFileStateError(file.path, `add with digest ${file.sha256}`, `digest ${known.sha256}`)
    const { path, bytes, sha256, rows } = file
    const id = this.#files.length + 1
    const atOnce = epochMs(0)
    this.#files.push({
      ...{ path, bytes, sha256, rows, id, state: 'pending', attempts: 0, ambiguous: false, sealedAt, dueAt: atOnce },
    })
    this.history.push({ path, from: undefined, to: 'pending', why: undefined })
  }

  async has(path: string): Promise<boolean> {
    return this.#files.some((file) => file.path === path)
  }

  async release(_at: EpochMs): Promise<number> {
    const left = this.#files.filter(({ state }) => state === 'sending')
    for (const file of left) {
      this.#change(file, 'pending', 'left in sending')
      Object.assign(file, { ambiguous: true, dueAt: epochMs(0) })
    }
    return left.length
  }

  async claim(limit: number, now: EpochMs): Promise<FileEntry[]> {
    const due = this.#files.filter(({ state, dueAt }) => state === 'pending' && dueAt <= now).slice(0, limit)
    return due.map((file) => {
      this.#change(file, 'sending')
      const { dueAt: _, ...entry } = file
      return entry
    })
  }

  async delivered(id: number, _at: EpochMs): Promise<void> {
    this.#change(this.#sending(id, 'delivered'), 'delivered')
  }

  async retry(id: number, change: Parameters<Manifest['retry']>[1]): Promise<void> {
    const file = this.#sending(id, 'pending')
    this.#change(file, 'pending', change.why)
    file.dueAt = change.dueAt
    file.ambiguous = change.ambiguous
    if (change.counted) file.attempts++
  }

  async conflict(id: number, why: string, _at: EpochMs): Promise<void> {
    this.#change(this.#sending(id, 'conflict'), 'conflict', why)
  }

  async refuse(id: number, why: string, _at: EpochMs): Promise<void> {
    this.#change(this.#sending(id, 'refused'), 'refused', why)
  }

  async counts(): Promise<Record<FileState, number>> {
    return this.#sum(() => 1)
  }

  async rowCounts(): Promise<Record<FileState, number>> {
    return this.#sum(({ rows }) => rows)
  }

  async nextDue(): Promise<EpochMs | undefined> {
    const dues = this.#files.filter(({ state }) => state === 'pending').map(({ dueAt }) => dueAt)
    return dues.length === 0 ? undefined : epochMs(dues.reduce((least, due) => Math.min(least, due), Infinity))
  }

  async close(): Promise<void> {
    // Nothing to let go of: what is kept here is the "disk".
  }

  #sending(id: number, to: FileState): Kept {
    const file = this.#files[id - 1]
    if (file?.state === 'sending') return file
    throw new IllegalFileStateError(file?.path ?? `file ${id}`, `sending → ${to}`, file?.state ?? 'nothing')
  }

  #change(file: Kept, to: FileState, why?: string): void {
    this.history.push({ path: file.path, from: file.state, to, why })
    file.state = to
  }

  #sum(of: (file: Kept) => number): Record<FileState, number> {
    const sums = { pending: 0, sending: 0, delivered: 0, conflict: 0, refused: 0 }
    for (const file of this.#files) sums[file.state] += of(file)
    return sums
  }
}

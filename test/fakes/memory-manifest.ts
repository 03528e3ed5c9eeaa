import { type FileState, legalChanges, perState } from '../../src/domain/file-state.ts'
import { IllegalFileStateError } from '../../src/domain/illegal-file-state-error.ts'
import type { BootNumber } from '../../src/domain/ids.ts'
import type { ImageFacts, SealedFile } from '../../src/domain/sealed-file.ts'
import { type EpochMs, epochMs } from '../../src/domain/units.ts'
import type { FileEntry, FileEvent, FileQuery, Manifest, Place, Retry } from '../../src/ports/manifest.ts'

type Kept = { -readonly [Key in keyof FileEntry]: FileEntry[Key] }

const atOnce = epochMs(0)

/** What is due at once is so since it was sealed. */
const byTurn = (a: FileEntry, b: FileEntry): number =>
  b.priority - a.priority || (a.dueAt || a.sealedAt) - (b.dueAt || b.sealedAt) || a.id - b.id

/**
 * A manifest that lives as long as the object: what "restarts" on it is a new boot on the same disk.
 * It keeps the contract of the SQLite one, which the same suite holds both to.
 */
export class MemoryManifest implements Manifest {
  /** Every change of state of every file so far, in order. */
  readonly changes: (FileEvent & { readonly path: string })[] = []
  readonly images = new Map<number, ImageFacts>()
  readonly #files: Kept[] = []
  /** Member to archive, by their ids. */
  readonly #packedInto = new Map<number, number>()
  readonly #targets = new Map<number, string | undefined>()
  #boots = 0

  /** A copy of everything that is known of one path. */
  file(path: string): FileEntry | undefined {
    const kept = this.#files.find((file) => file.path === path)
    return kept && { ...kept }
  }

  /** How many files wait to be sent, or are being sent. */
  get underway(): number {
    let count = 0
    for (const { state } of this.#files) if (state === 'pending' || state === 'sending') count++
    return count
  }

  /** Copies of all entries, the oldest first. */
  get entries(): readonly Readonly<Kept>[] {
    return this.#files.map((file) => ({ ...file }))
  }

  async beginBoot(at: EpochMs): Promise<BootNumber> {
    await this.release(at)
    return ++this.#boots
  }

  async add(file: SealedFile, sealedAt: EpochMs, as: 'pending' | 'held' = 'pending'): Promise<void> {
    this.#add(file, sealedAt, as)
  }

  async addImage(file: SealedFile, image: ImageFacts, sealedAt: EpochMs): Promise<void> {
    const id = this.#add(file, sealedAt, 'pending')
    if (id !== undefined) this.images.set(id, image)
  }

  async pack(paths: readonly string[], into: SealedFile, at: EpochMs): Promise<void> {
    const isAgain = this.#files.some(({ path, sha256 }) => path === into.path && sha256 === into.sha256)
    const members = [...new Set(paths)].map((path) => {
      const file = this.#files.find((each) => each.path === path)
      if (file?.state === 'held' || (isAgain && file?.state === 'packed')) return file
      throw new IllegalFileStateError(path, 'held → packed', file?.state ?? 'nothing')
    })
    const archive = this.#add(into, at, 'pending')
    if (archive === undefined) return
    for (const file of members) {
      this.#change(file, 'packed', at, `in ${into.path}`)
      this.#packedInto.set(file.id, archive)
    }
  }

  async refuseHeld(path: string, why: string, at: EpochMs): Promise<void> {
    const file = this.#files.find((each) => each.path === path)
    if (file?.state === 'refused') return
    if (file?.state !== 'held') throw new IllegalFileStateError(path, 'held → refused', file?.state ?? 'nothing')
    this.#change(file, 'refused', at, why)
  }

  async unhold(at: EpochMs): Promise<number> {
    const held = this.#files.filter(({ state }) => state === 'held')
    for (const file of held) this.#change(file, 'pending', at, 'no longer held')
    return held.length
  }

  async has(path: string): Promise<boolean> {
    return this.#files.some((file) => file.path === path)
  }

  async release(at: EpochMs): Promise<number> {
    const left = this.#files.filter(({ state }) => state === 'sending')
    for (const file of left) {
      this.#change(file, 'pending', at, 'left in sending')
      Object.assign(file, { ambiguous: true, dueAt: atOnce })
    }
    return left.length
  }

  async claim(limit: number, at: EpochMs, dueBy = at, longest = Infinity): Promise<FileEntry[]> {
    const due = this.#files.filter(
      ({ state, dueAt, bytes }) => state === 'pending' && dueAt <= dueBy && bytes <= longest,
    )
    return due
      .sort(byTurn)
      .slice(0, limit)
      .map((file) => {
        this.#change(file, 'sending', at)
        return { ...file }
      })
  }

  async delivered(id: number, at: EpochMs, target?: string, isNameSynced = false): Promise<void> {
    const file = this.#in(id, ['sending'], 'delivered')
    this.#targets.set(id, target)
    this.#change(file, 'delivered', at)
    Object.assign(file, { isNameSynced })
  }

  async retry(id: number, { dueAt, ambiguous, blame, why, at }: Retry): Promise<void> {
    const file = this.#in(id, ['sending'], 'pending')
    this.#change(file, 'pending', at, why)
    Object.assign(file, { dueAt, ambiguous })
    if (blame !== 'session') file.attempts++
    if (blame === 'file') file.faults++
  }

  async conflict(id: number, why: string, at: EpochMs): Promise<void> {
    this.#change(this.#in(id, ['sending', 'delivered'], 'conflict'), 'conflict', at, why)
  }

  async refuse(id: number, why: string, at: EpochMs): Promise<void> {
    this.#change(this.#in(id, ['sending'], 'refused'), 'refused', at, why)
  }

  async deadLetter(id: number, why: string, at: EpochMs): Promise<void> {
    const file = this.#in(id, ['sending'], 'deadLetter')
    this.#change(file, 'deadLetter', at, why)
    file.attempts++
    file.faults++
  }

  async resend(id: number, why: string, at: EpochMs): Promise<void> {
    const file = this.#in(id, ['pending', 'delivered', 'conflict', 'refused', 'deadLetter', 'lost'], 'pending')
    if (file.state !== 'pending') this.#change(file, 'pending', at, why)
    Object.assign(file, { dueAt: atOnce, ambiguous: true, attempts: 0, faults: 0, changedAt: at, why })
  }

  async giveUp(id: number, why: string, at: EpochMs): Promise<void> {
    this.#change(this.#in(id, ['refused'], 'lost'), 'lost', at, why)
  }

  #isAt(id: number, target: string): boolean {
    return (this.#targets.get(id) ?? target) === target
  }

  async deliveredElsewhere(target: string): Promise<number> {
    return this.#files.filter((file) => file.state === 'delivered' && !this.#isAt(file.id, target)).length
  }

  async deliveredBefore(before: EpochMs, limit: number, after?: Place, target?: string): Promise<FileEntry[]> {
    const isAfter = ({ changedAt, id }: Place): boolean =>
      after === undefined || changedAt > after.changedAt || (changedAt === after.changedAt && id > after.id)
    return this.#files
      .filter((file) => file.state === 'delivered' && file.changedAt <= before && isAfter(file))
      .filter(({ id }) => target === undefined || this.#isAt(id, target))
      .toSorted((a, b) => a.changedAt - b.changedAt || a.id - b.id)
      .slice(0, limit)
      .map((file) => ({ ...file }))
  }

  async removed(id: number, why: string, at: EpochMs): Promise<void> {
    this.#change(this.#in(id, ['delivered'], 'removed'), 'removed', at, why)
  }

  async files({
    states,
    cameraId,
    path: wanted,
    sealedBefore,
    afterId = 0,
    newestFirst = false,
    limit,
  }: FileQuery): Promise<FileEntry[]> {
    const files = newestFirst ? this.#files.toReversed() : this.#files
    return files
      .filter(
        ({ id, state, path, sealedAt }) =>
          id > afterId &&
          (states?.includes(state) ?? true) &&
          (wanted === undefined || path === wanted) &&
          (cameraId === undefined || path.startsWith(`${cameraId}/`)) &&
          (sealedBefore === undefined || sealedAt <= sealedBefore),
      )
      .slice(0, limit)
      .map((file) => ({ ...file }))
  }

  async members(id: number): Promise<FileEntry[]> {
    return this.#files.filter((file) => this.#packedInto.get(file.id) === id).map((file) => ({ ...file }))
  }

  async history(id: number): Promise<FileEvent[]> {
    const path = this.#files[id - 1]?.path
    const events = this.changes.filter((change) => change.path === path).map(({ path: _, ...event }) => event)
    const tries = events.flatMap(({ from, to }, index) => (from === 'sending' && to === 'pending' ? [index] : []))
    const forgotten = new Set(tries.slice(0, -20).flatMap((index) => [index - 1, index]))
    return events.filter((_, index) => !forgotten.has(index))
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

  async oldestUndelivered(): Promise<EpochMs | undefined> {
    const waiting = this.#files.filter(({ state }) => ['held', 'pending', 'sending'].includes(state))
    return waiting.length === 0 ? undefined : epochMs(Math.min(...waiting.map(({ sealedAt }) => sealedAt)))
  }

  async copyBytes(): Promise<number> {
    return this.#files.length
  }

  async copyTo(): Promise<void> {
    // Nowhere: its copies are nobody's to look at.
  }

  async close(): Promise<void> {
    // Nothing to let go of: what is kept here is the "disk".
  }

  #add(file: SealedFile, at: EpochMs, state: 'pending' | 'held'): number | undefined {
    const known = this.#files.find(({ path }) => path === file.path)
    if (known?.sha256 === file.sha256) return undefined
    if (known) throw new IllegalFileStateError(file.path, `add with digest ${file.sha256}`, `digest ${known.sha256}`)
    const { path, bytes, sha256, rows, priority } = file
    const id = this.#files.length + 1
    const fresh = {
      state,
      attempts: 0,
      faults: 0,
      ambiguous: false,
      isNameSynced: false,
      dueAt: atOnce,
      why: undefined,
    }
    this.#files.push({ id, path, bytes, sha256, rows, priority, ...fresh, sealedAt: at, changedAt: at })
    this.#tell(path, undefined, state, at)
    return id
  }

  #in(id: number, states: readonly FileState[], to: FileState): Kept {
    const file = this.#files[id - 1]
    if (file !== undefined && states.includes(file.state)) return file
    throw new IllegalFileStateError(file?.path ?? `file ${id}`, `a change to ${to}`, file?.state ?? 'nothing')
  }

  #change(file: Kept, to: FileState, at: EpochMs, why?: string): void {
    if (!legalChanges[file.state].includes(to)) throw new Error(`${file.state} → ${to} is missing in legalChanges`)
    this.#tell(file.path, file.state, to, at, why)
    Object.assign(file, { state: to, changedAt: at, why })
  }

  #tell(path: string, from: FileState | undefined, to: FileState, at: EpochMs, why?: string): void {
    this.changes.push({ path, at, boot: this.#boots === 0 ? undefined : this.#boots, from, to, why })
  }

  #sum(of: (file: Kept) => number): Record<FileState, number> {
    const sums = perState(() => 0)
    for (const file of this.#files) sums[file.state] += of(file)
    return sums
  }
}

import { dirname, join } from 'node:path'
import type { FileState } from '../../domain/file-state.ts'
import type { BootNumber } from '../../domain/ids.ts'
import { IllegalFileStateError } from '../../domain/illegal-file-state-error.ts'
import type { ImageFacts, SealedFile } from '../../domain/sealed-file.ts'
import { type EpochMs, epochMs } from '../../domain/units.ts'
import type { FileEntry, Manifest, Place, Retry } from '../../ports/manifest.ts'
import { DatabaseCopies } from './copy-database.ts'
import { entry, type FileReads } from './file-reads.ts'
import type { FolderLock } from './folder-lock.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { SqliteRecords } from './sqlite-records.ts'
import type { Statements } from './statements.ts'

/** The manifest of a data folder that this process holds, open and migrated. */
export class SqliteManifest extends SqliteRecords implements Manifest {
  readonly #copies: DatabaseCopies

  constructor(
    db: SqliteDatabase,
    sql: Statements,
    reads: FileReads,
    private readonly lock: FolderLock,
  ) {
    super(db, sql, reads)
    this.#copies = new DatabaseCopies(db.file)
  }

  beginBoot(at: EpochMs): Promise<BootNumber> {
    return this.queue.do(() => {
      this.sql.release.run(at, 'left in sending by another boot')
      this.sql.beginBoot.run(at)
      return Number(this.sql.boot.get()?.['number'])
    })
  }

  release(at: EpochMs): Promise<number> {
    return this.queue.do(() => this.sql.release.run(at, 'left in sending by an uploader that is gone').changes)
  }

  add(file: SealedFile, sealedAt: EpochMs, as: 'pending' | 'held' = 'pending'): Promise<void> {
    return this.queue.do(() => void this.#add(file, sealedAt, as))
  }

  addImage(file: SealedFile, image: ImageFacts, sealedAt: EpochMs): Promise<void> {
    return this.queue.do(() => {
      const id = this.#add(file, sealedAt, 'pending')
      if (id === undefined) return
      const { cameraId, epoch, frame, capturedAt, widthPx, heightPx } = image
      this.sql.addImage.run(id, cameraId, epoch, frame, capturedAt, widthPx, heightPx)
    })
  }

  pack(paths: readonly string[], into: SealedFile, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      for (const path of paths) this.#expectHeld(path, into)
      const id = this.#add(into, at, 'pending')
      if (id === undefined) return
      for (const path of paths) this.sql.pack.run(id, at, `in ${into.path}`, path)
    })
  }

  refuseHeld(path: string, why: string, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      if (this.sql.refuseHeld.run(at, why, path).changes > 0) return
      const state = this.sql.stateOfPath.get(path)?.['state']
      if (state !== 'refused') throw new IllegalFileStateError(path, 'held → refused', String(state ?? 'nothing'))
    })
  }

  unhold(at: EpochMs): Promise<number> {
    return this.queue.do(() => this.sql.unhold.run(at, 'no longer held').changes)
  }

  claim(limit: number, at: EpochMs, dueBy = at, longest = Infinity): Promise<FileEntry[]> {
    return this.queue.do(async () => {
      const rows = await this.sql.claim.all(at, dueBy, Math.min(longest, Number.MAX_SAFE_INTEGER), limit)
      return rows.map(entry).sort(byTurn)
    })
  }

  delivered(id: number, at: EpochMs, target?: string, isNameSynced = false): Promise<void> {
    return this.queue.do(() => {
      if (target !== undefined) this.sql.knowTarget.run(target)
      const { changes } = this.sql.delivered.run(at, target ?? null, Number(isNameSynced), id)
      if (changes === 0) throw this.illegal(id, 'delivered')
    }, 'soon')
  }

  retry(id: number, { dueAt, ambiguous, blame, why, at }: Retry): Promise<void> {
    return this.queue.do(() => {
      const counted = Number(blame !== 'session')
      const { changes } = this.sql.retry.run(at, why, dueAt, Number(ambiguous), counted, Number(blame === 'file'), id)
      if (changes === 0) throw this.illegal(id, 'pending')
    })
  }

  conflict(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#change(id, ['sending', 'delivered'], 'conflict', why, at)
  }

  refuse(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#change(id, ['sending'], 'refused', why, at)
  }

  deadLetter(id: number, why: string, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      if (this.sql.deadLetter.run(at, why, id).changes === 0) throw this.illegal(id, 'deadLetter')
    })
  }

  deliveredBefore(before: EpochMs, limit: number, after?: Place, target?: string): Promise<FileEntry[]> {
    const [changedAt, id] = after === undefined ? [Number.MIN_SAFE_INTEGER, 0] : [after.changedAt, after.id]
    return this.queue.do(async () =>
      (await this.sql.deliveredBefore.all(before, changedAt, id, target ?? null, limit)).map(entry),
    )
  }

  deliveredElsewhere(target: string): Promise<number> {
    return this.queue.do(() => Number(this.sql.deliveredElsewhere.get(target)?.['files']))
  }

  removed(id: number, why: string, at: EpochMs): Promise<void> {
    return this.#change(id, ['delivered'], 'removed', why, at)
  }

  nextDue(): Promise<EpochMs | undefined> {
    return this.queue.do(() => {
      const due = this.sql.nextDue.get()?.['due_at']
      return typeof due === 'number' ? epochMs(due) : undefined
    })
  }

  oldestUndelivered(): Promise<EpochMs | undefined> {
    return this.queue.do(() => {
      const sealed = this.sql.oldest.get()?.['sealed_at']
      return typeof sealed === 'number' ? epochMs(sealed) : undefined
    })
  }

  copyBytes(): Promise<number> {
    return this.#copies.bytes()
  }

  copyTo(path: string): Promise<void> {
    return this.#copies.make(join(dirname(this.db.file), path))
  }

  override async close(): Promise<void> {
    await this.queue.close()
    await this.reads.close()
    await this.#copies.close()
    try {
      await this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)', 'checkpoint')
    } finally {
      // libsql closes the files themselves when it collects the statements; everything is in them already.
      this.db.close()
      await this.lock.release()
    }
  }

  #change(id: number, from: readonly FileState[], to: FileState, why: string, at: EpochMs): Promise<void> {
    return this.queue.do(() => {
      if (!from.some((state) => this.sql.change.run(to, at, why, id, state).changes > 0)) throw this.illegal(id, to)
    })
  }

  /** Its id; `undefined` where it is known already. Throws before anything is written. */
  #add({ path, bytes, sha256, rows, priority }: SealedFile, at: EpochMs, as: FileState): number | undefined {
    const known = this.sql.known.get(path)?.['sha256']
    if (known === sha256) return undefined
    if (known !== undefined) throw new IllegalFileStateError(path, `add with digest ${sha256}`, `digest ${known}`)
    return Number(this.sql.add.get(path, bytes, sha256, rows, priority, as, at, at)?.['id'])
  }

  /** What is packed already is fine where `into` is known: the caller asks once more for what was done. */
  #expectHeld(path: string, into: SealedFile): void {
    const state = this.sql.stateOfPath.get(path)?.['state']
    const again = state === 'packed' && this.sql.known.get(into.path)?.['sha256'] === into.sha256
    if (state !== 'held' && !again) throw new IllegalFileStateError(path, 'held → packed', String(state ?? 'nothing'))
  }
}

/** As the statement has it, whose answer is in no order. */
const byTurn = (a: FileEntry, b: FileEntry): number =>
  b.priority - a.priority || (a.dueAt || a.sealedAt) - (b.dueAt || b.sealedAt) || a.id - b.id

import type { BootNumber } from '../domain/ids.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import type { EpochMs } from '../domain/units.ts'

/**
 * Where a sealed file is on its way.
 *
 * `pending` waits for its time; `sending` is in an uploader's hands; `delivered` is verified on the server;
 * `conflict`: the server holds another file under its name, ours is kept and never sent over it;
 * `refused`: the local file is gone or no longer what was sealed.
 */
export type FileState = 'pending' | 'sending' | 'delivered' | 'conflict' | 'refused'

export interface FileEntry extends SealedFile {
  readonly id: number
  readonly state: FileState
  /** Failed tries so far. */
  readonly attempts: number
  /** A try ended without an answer, in this boot or another: the server may hold the file already. */
  readonly ambiguous: boolean
  readonly sealedAt: EpochMs
}

/**
 * Every sealed file and its state. Durable when a call has resolved. The queue of the uploader is a window over it.
 *
 * States change only from the one that is named here; any other change is a bug and rejects with `IllegalFileStateError`.
 */
export interface Manifest {
  /** Counts the boot up and turns what another boot left `sending` into `pending`, ambiguous. Once, before all else. */
  beginBoot(at: EpochMs): Promise<BootNumber>
  /** Takes in a sealed file as `pending`, due at once. The same path with the same digest again does nothing. @throws {IllegalFileStateError} same path, other digest. */
  add(file: SealedFile, sealedAt: EpochMs): Promise<void>
  /** Whether a path is known, in whatever state. */
  has(path: string): Promise<boolean>
  /**
   * sending → pending, ambiguous, due at once: what an uploader that is gone left in its hands. Resolves with how many.
   * Only while none is at work.
   */
  release(at: EpochMs): Promise<number>
  /** pending → sending, for at most `limit` files that are due at `now`, the oldest first. */
  claim(limit: number, now: EpochMs): Promise<FileEntry[]>
  /** sending → delivered. */
  delivered(id: number, at: EpochMs): Promise<void>
  /** sending → pending, due at `dueAt`. `counted`: whether the try was the file's own and counts as an attempt. */
  retry(
    id: number,
    change: { dueAt: EpochMs; ambiguous: boolean; counted: boolean; why: string; at: EpochMs },
  ): Promise<void>
  /** sending → conflict. */
  conflict(id: number, why: string, at: EpochMs): Promise<void>
  /** sending → refused. */
  refuse(id: number, why: string, at: EpochMs): Promise<void>
  counts(): Promise<Record<FileState, number>>
  /** Data rows in files of each state. */
  rowCounts(): Promise<Record<FileState, number>>
  /** When the next pending file is due; `undefined` if none is pending. */
  nextDue(): Promise<EpochMs | undefined>
  close(): Promise<void>
}

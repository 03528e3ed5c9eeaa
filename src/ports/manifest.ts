import type { FileState } from '../domain/file-state.ts'
import type { BootNumber, CameraId } from '../domain/ids.ts'
import type { ImageFacts, SealedFile } from '../domain/sealed-file.ts'
import type { EpochMs } from '../domain/units.ts'

export interface FileEntry extends SealedFile {
  readonly id: number
  readonly state: FileState
  /** Failed tries so far, those that were the session's apart; what the wait before the next is reckoned by. */
  readonly attempts: number
  /** Those of them that were the file's own fault. */
  readonly faults: number
  /** A try ended without an answer, in this boot or another, or once the server showed it: the server may hold the file already. */
  readonly ambiguous: boolean
  /** When it was delivered last, the server was asked to sync its final name: one that is missing since was taken, not forgotten. */
  readonly isNameSynced: boolean
  readonly sealedAt: EpochMs
  /** Of a pending file; 0: at once. */
  readonly dueAt: EpochMs
  readonly changedAt: EpochMs
  /** Why it is in this state, where that is not plain. */
  readonly why: string | undefined
}

/** One change of state, as the history has it. */
export interface FileEvent {
  readonly at: EpochMs
  /** `undefined` before the first boot. */
  readonly boot: BootNumber | undefined
  /** `undefined`: the file was taken in. */
  readonly from: FileState | undefined
  readonly to: FileState
  readonly why: string | undefined
}

/** What a failed try is put down to: the session (not counted at all), the server, or the file itself. */
export type Blame = 'session' | 'server' | 'file'

export interface Retry {
  readonly dueAt: EpochMs
  readonly ambiguous: boolean
  readonly blame: Blame
  readonly why: string
  readonly at: EpochMs
}

/** Which files; what isn't named is not asked for. */
export interface FileQuery {
  readonly states?: readonly FileState[]
  readonly cameraId?: CameraId
  /** The one that has it. */
  readonly path?: string
  /** Sealed at this time or before. */
  readonly sealedBefore?: EpochMs
  /** Only those with a higher id: where an earlier page ended. */
  readonly afterId?: number
  /** Those sealed last, the latest first; otherwise the oldest first. */
  readonly newestFirst?: boolean
  readonly limit: number
}

/** Where a file stands among those that are ordered by their latest change. */
export type Place = Pick<FileEntry, 'changedAt' | 'id'>

/**
 * What may be asked and done beside a daemon that has the manifest open: looking, telling it to send a file again, and giving one up.
 *
 * States change only from the ones that are named here, by one conditional update; any other change is a bug and rejects with
 * `IllegalFileStateError`.
 */
export interface ManifestRecords {
  /** In the order of their ids, which is that of their age, or the other way round. */
  files(query: FileQuery): Promise<FileEntry[]>
  /** Whether a path is known, in whatever state. */
  has(path: string): Promise<boolean>
  /** The files whose content went into this one, in the order of their ids; none where it is no archive. */
  members(id: number): Promise<FileEntry[]>
  /** Every change of state of one file, in order; of its tries that went back to `pending` the last 20. */
  history(id: number): Promise<FileEvent[]>
  counts(): Promise<Record<FileState, number>>
  /** Data rows in files of each state. */
  rowCounts(): Promise<Record<FileState, number>>
  /**
   * pending, delivered, conflict, refused, deadLetter, lost → pending, ambiguous, due at once, its attempts and faults forgotten.
   * A pending one has no change of state, it is only due.
   */
  resend(id: number, why: string, at: EpochMs): Promise<void>
  /** refused → lost: nobody is asked to act any more. */
  giveUp(id: number, why: string, at: EpochMs): Promise<void>
  close(): Promise<void>
}

/**
 * Every sealed file and its state. Durable when a call has resolved. The queue of the uploader is a window over it.
 *
 * A call that fails has done nothing, as far as this process sees; after a crash the next one may find it done, unless another
 * change has been made since. So what a change speaks of stays as it is until the change, or another in its stead, has been made.
 *
 * States change only from the one that is named here; any other change is a bug and rejects with `IllegalFileStateError`.
 */
export interface Manifest extends ManifestRecords {
  /** Counts the boot up and turns what another boot left `sending` into `pending`, ambiguous. Once, before all else. */
  beginBoot(at: EpochMs): Promise<BootNumber>
  /**
   * Takes in a sealed file, as `pending` and due at once, or as `held`. The same path with the same digest again does nothing.
   * @throws {IllegalFileStateError} same path, other digest.
   */
  add(file: SealedFile, sealedAt: EpochMs, as?: 'pending' | 'held'): Promise<void>
  /** Takes in a sealed picture as `pending`, with what it shows, in one transaction. Otherwise as `add`. */
  addImage(file: SealedFile, image: ImageFacts, sealedAt: EpochMs): Promise<void>
  /**
   * held → packed for every one of `paths`, and takes in `into`, which holds their content, as `pending`: all or nothing.
   * Again, with `into` known by the same digest, it does nothing.
   */
  pack(paths: readonly string[], into: SealedFile, at: EpochMs): Promise<void>
  /** held → refused. Again, for one that is refused, it does nothing. */
  refuseHeld(path: string, why: string, at: EpochMs): Promise<void>
  /** held → pending for all that are held: nobody packs any longer. Resolves with how many. */
  unhold(at: EpochMs): Promise<number>
  /**
   * sending → pending, ambiguous, due at once: what an uploader that is gone left in its hands. Resolves with how many.
   * Only while none is at work.
   */
  release(at: EpochMs): Promise<number>
  /**
   * pending → sending, for at most `limit` files that are due by `dueBy`, or else `at`, and have at most `longest` bytes: those of
   * the highest priority first, of these those that have been due the longest: what is due at once is so since it was sealed.
   */
  claim(limit: number, at: EpochMs, dueBy?: EpochMs, longest?: number): Promise<FileEntry[]>
  /**
   * sending → delivered. `target` names the server and the folder there, which was asked to sync the final name or not. Nobody waits for it: it may take a moment, to be made
   * durable together with others.
   */
  delivered(id: number, at: EpochMs, target?: string, isNameSynced?: boolean): Promise<void>
  /** sending → pending, due at `dueAt`. */
  retry(id: number, change: Retry): Promise<void>
  /** sending, delivered → conflict. */
  conflict(id: number, why: string, at: EpochMs): Promise<void>
  /** sending → refused. */
  refuse(id: number, why: string, at: EpochMs): Promise<void>
  /** sending → deadLetter. `attempts` and `faults` count the try that led here. */
  deadLetter(id: number, why: string, at: EpochMs): Promise<void>
  /**
   * At most `limit` delivered files that have been so since `before` or longer, the longest first; only those that come after `after`,
   * and that were delivered to `target`, or without that being recorded.
   */
  deliveredBefore(before: EpochMs, limit: number, after?: Place, target?: string): Promise<FileEntry[]>
  /** How many files are delivered, and that to another target. */
  deliveredElsewhere(target: string): Promise<number>
  /** delivered → removed: nobody needs the local file any more, and it may be deleted. */
  removed(id: number, why: string, at: EpochMs): Promise<void>
  /** When the next pending file is due; `undefined` if none is pending. */
  nextDue(): Promise<EpochMs | undefined>
  /** When the file was sealed that has waited longest for its delivery, held or in hand too; `undefined` if none waits. */
  oldestUndelivered(): Promise<EpochMs | undefined>
  /** Bytes that a copy takes at most. */
  copyBytes(): Promise<number>
  /**
   * Copies all that has been committed to `path`, below the data folder; what was there is replaced. It is there only when it
   * is whole and on the disk, all but its name: the folder is the caller's to sync.
   * @throws {ManifestFailedError} nothing is left of it.
   */
  copyTo(path: string): Promise<void>
}

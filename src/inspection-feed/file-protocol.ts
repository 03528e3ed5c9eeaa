import type { FileState } from '../domain/file-state.ts'
import type { BootNumber, CameraId } from '../domain/ids.ts'
import type { EpochMs, Milliseconds } from '../domain/units.ts'

/** One sealed file, as it is shown. Plain JSON. */
export interface FileView {
  /** What it is called by in commands. */
  readonly id: number
  /** Relative to the data folder, and to the server's. */
  readonly path: string
  readonly camera: string
  readonly state: FileState
  readonly rows: number
  readonly bytes: number
  readonly sha256: string
  /** Failed tries so far. */
  readonly attempts: number
  readonly sealedAt: EpochMs
  /** When it came into its state. */
  readonly changedAt: EpochMs
  /** Of one that waits: when it is tried next, `null` at once. */
  readonly dueAt: EpochMs | null
  /** Why it is in its state, where that is not plain. */
  readonly why: string | null
}

/** One change of state. */
export interface FileChange {
  readonly at: EpochMs
  readonly boot: BootNumber | null
  /** `null`: it was sealed, or found. */
  readonly from: FileState | null
  readonly to: FileState
  readonly why: string | null
}

export interface FileList {
  readonly files: readonly FileView[]
  /** There are more than were asked for. */
  readonly more: boolean
  /** Of the whole manifest. */
  readonly counts: Readonly<Record<FileState, number>>
}

export interface FileHistory {
  readonly file: FileView
  /** The earliest first. */
  readonly changes: readonly FileChange[]
}

/** Which files; what isn't named is not asked for. */
export interface FileQuestion {
  readonly states?: readonly FileState[]
  readonly camera?: CameraId
  /** Sealed so long ago, or longer. */
  readonly olderThan?: Milliseconds
  readonly newestFirst?: boolean
  /** At most so many; over HTTP 1 to `mostFiles`. */
  readonly limit: number
}

/** What became of each file, out of the manifest. */
export interface FileBook {
  /** The oldest first, where nothing else is said. @throws {OperatingError} the manifest cannot be read now. */
  list(question: FileQuestion): Promise<FileList>
  /** By its number or its path. `undefined`: there is no such file. @throws {OperatingError} the manifest cannot be read now. */
  history(which: number | string): Promise<FileHistory | undefined>
}

/**
 * The data folder, at the height of system calls. Paths are relative to it, with forward slashes; `.` is the folder
 * itself, and a path that leaves it is a bug; so is opening the files of the open manifest, which are SQLite's: closing one
 * would let go of all its locks on it.
 *
 * Every call may reject with a `DiskError` that carries the system's `code` (`ENOSPC`, `EIO`, …).
 * Nothing is durable before `datasync` (file contents) or `syncFolder` (names) has returned.
 */
export interface Disk {
  /** Creates the folder and those above it; fine if it is there. */
  makeFolder(path: string): Promise<void>
  /** Names in a folder, unsorted; empty where the folder doesn't exist. */
  list(path: string): Promise<DiskEntry[]>
  /** Opens a file that must not exist yet (O_CREAT | O_EXCL | O_WRONLY). */
  create(path: string): Promise<DiskFile>
  /** Opens a file that exists, for reading and writing. */
  open(path: string): Promise<DiskFile>
  /** Atomic; replaces an existing `to`. */
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  /** fsync of the folder: makes names that were created, renamed or unlinked in it durable. */
  syncFolder(path: string): Promise<void>
  /** Bytes that we may still write. */
  freeBytes(): Promise<number>
}

export interface DiskEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
}

export interface DiskFile {
  /** Writes at `position` and returns how many bytes were taken: it may be fewer than asked, without an error. */
  write(bytes: Uint8Array, position: number): Promise<number>
  /** Reads into `into` from `position`; returns how many bytes; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  /** The same by one call into one after the other, each filled before the next. */
  readEach(into: readonly Uint8Array[], position: number): Promise<number>
  /** The file's length in bytes. */
  length(): Promise<number>
  truncate(length: number): Promise<void>
  /** fdatasync. */
  datasync(): Promise<void>
  /** Once; afterwards the file object is dead. */
  close(): Promise<void>
}

import { DiskError } from '../domain/disk-error.ts'
import { OperatingError } from '../domain/errors.ts'
import { ManifestFailedError } from '../domain/manifest-errors.ts'
import { isNoRoom } from '../domain/no-room.ts'

/** Whether something failed only because the disk, or our share of it, is full. */
export const isForWantOfRoom = (error: unknown): boolean =>
  (error instanceof DiskError && isNoRoom(error.systemCode)) ||
  (error instanceof ManifestFailedError && isNoRoom(error.sqliteCode))

/** A share of a disk (a quota) that is used up is in SQLite's words a write that failed, as any other fault of a disk may be. */
const perhapsForWantOfRoom = new Set(['SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'])

/** Whether room may help: where it costs little to make some and to try again. */
export const isPerhapsForWantOfRoom = (error: unknown): boolean =>
  isForWantOfRoom(error) || (error instanceof ManifestFailedError && perhapsForWantOfRoom.has(error.sqliteCode))

const filesOwn = new Set(['EIO', 'EACCES', 'EPERM', 'EFBIG'])

/** Whether it speaks of one file, and not of the whole disk. */
export const isFilesOwn = ({ call, systemCode }: DiskError): boolean =>
  filesOwn.has(systemCode) && ['open', 'read', 'write', 'truncate', 'fdatasync', 'fstat', 'close'].includes(call)

const foldersOwn = new Set(['EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EXDEV', 'EIO'])

/** Whether it may speak of one camera's folder: another user's, or something else in its place. */
export const isFoldersOwn = (error: unknown): error is DiskError =>
  error instanceof DiskError && foldersOwn.has(error.systemCode)

/** Whether nothing has that name. */
export const isMissing = (error: unknown): boolean => error instanceof DiskError && error.systemCode === 'ENOENT'

/** What tells one cause of waiting from another, whichever file it is about. */
export function causeOf(error: { readonly message: string }): string {
  if (error instanceof DiskError) return error.systemCode
  if (error instanceof ManifestFailedError) return error.sqliteCode
  return error instanceof OperatingError ? error.code : error.message
}

import { DiskError } from '../domain/disk-error.ts'
import { ManifestFailedError } from '../domain/manifest-errors.ts'

const codes = new Set(['ENOSPC', 'EDQUOT'])

/** Whether something failed only because the disk, or our share of it, is full. */
export const isForWantOfRoom = (error: unknown): boolean =>
  (error instanceof DiskError && codes.has(error.systemCode)) ||
  (error instanceof ManifestFailedError && (error.sqliteCode === 'SQLITE_FULL' || codes.has(error.sqliteCode)))

import type { DiskError } from '../domain/disk-error.ts'

const codes = new Set(['ENOSPC', 'EDQUOT'])

/** Whether a call failed only because the disk, or our share of it, is full. */
export const isForWantOfRoom = (error: DiskError): boolean => codes.has(error.systemCode)

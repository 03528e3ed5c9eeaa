const codes = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])

/** Whether the system, or SQLite, says by this code that a disk, or our share of it, is full. */
export const isNoRoom = (code: string): boolean => codes.has(code)

const codes = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])

/** Whether the system, or SQLite, says by this code that a disk, or our share of it, is full. */
export const isNoRoom = (code: string): boolean => codes.has(code)

/** What follows such a code in an error's message; nothing after any other code. */
export const noRoomWords = (code: string, dataFolder = 'the data folder'): string =>
  isNoRoom(code) ? `. The disk of ${dataFolder} is full: delete what else is on it, or give it more room` : ''

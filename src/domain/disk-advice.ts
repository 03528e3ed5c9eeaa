import { isNoRoom } from './no-room.ts'

/**
 * What follows a call's code, of the system or of SQLite, in an error's message: what to do; nothing where we don't know.
 * `named`: the data folder as a whole; without it the call was about something in it.
 */
export function diskAdvice(call: string, code: string, named?: string): string {
  const dataFolder = named ?? 'the data folder'
  if (isNoRoom(code)) return `. The disk of ${dataFolder} is full: delete what else is on it, or give it more room`
  if (isDenied(code)) return `. Let the user that runs Belay own ${dataFolder} and all in it`
  if (damaged.has(code))
    return '. It is damaged: put a copy of it from backups/ in its place, and leave all else as it is (docs/delivery.md, “A damaged manifest”, says how)'
  if (code === 'EROFS') return `. The disk of ${dataFolder} is mounted read-only`
  const isInTheWay = code === 'ENOTDIR' || (code === 'EEXIST' && call === 'mkdir')
  if (!isInTheWay) return ''
  return named === undefined
    ? '. Something else stands in the place of a folder: move it away'
    : `. What stands in the place of ${named} is no folder: set \`data\` to one`
}

/** Whether it was refused to this user, who another might not be. */
export const isDenied = (code: string): boolean => denied.has(code)

const denied = new Set(['EACCES', 'EPERM', 'SQLITE_CANTOPEN', 'SQLITE_READONLY'])

const damaged = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT'])

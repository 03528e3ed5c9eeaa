import { counted } from '../domain/counted.ts'

/** What the start scan found and did. Paths are relative to the data folder. */
export interface ScanReport {
  /** Files that had been open and are sealed now. */
  readonly mended: readonly { readonly path: string; readonly rows: number; readonly tornBytes: number }[]
  /** Sealed files that the manifest did not know, and now does. */
  readonly adopted: readonly string[]
  /** Open files that could not be mended; they keep their bytes under a name of their own, and nobody hands them on. */
  readonly setAside: readonly { readonly path: string; readonly why: string }[]
  /** Open files that held no row, or rows that another name holds already. */
  readonly removed: readonly { readonly path: string; readonly tornBytes: number }[]
  /**
   * What cannot be worked on now, and the writer looks at again: sealed files that the manifest doesn't know and open ones, which
   * the disk doesn't give out; open ones that their camera's folder doesn't take; and such folders that don't tell what is in them.
   */
  readonly unread: readonly { readonly path: string; readonly why: string }[]
  /** What lies where our files lie and isn't what we left there; nobody touches it. */
  readonly left: readonly { readonly path: string; readonly why: string }[]
}

/** Whether all rows that were found are on their way: what is set aside or unread may hold accepted ones. */
export const areRowsUnderway = ({ setAside, unread }: ScanReport): boolean =>
  setAside.length === 0 && unread.length === 0

/** For the log and the page: one line. */
export function describeScan({ mended, adopted, setAside, removed, unread, left }: ScanReport): string {
  // That one was begun and left empty is how things should be.
  const cut = removed.filter(({ tornBytes }) => tornBytes > 0)
  const parts = [
    mended.length > 0 && `${counted(mended.length, 'open file')} sealed, ${tornWords(mended)} cut off`,
    cut.length > 0 && `${counted(cut.length, 'open file')} without a whole row removed, ${tornWords(cut)} kept`,
    adopted.length > 0 && `${counted(adopted.length, 'sealed file')} taken in`,
    setAside.length > 0 && `set aside: ${setAside.map(({ path, why }) => `${path} (${why})`).join(', ')}`,
    unread.length > 0 &&
      `tried again, not delivered yet: ${unread.map(({ path, why }) => `${path} (${why})`).join(', ')}`,
    left.length > 0 && `left alone: ${left.map(({ path, why }) => `${path} (${why})`).join(', ')}`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? 'the data folder was in order' : parts.join('; ')
}

const tornWords = (files: readonly { readonly tornBytes: number }[]): string =>
  counted(
    files.reduce((total, { tornBytes }) => total + tornBytes, 0),
    'torn byte',
  )

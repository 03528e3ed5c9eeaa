/** The manifest's file in the data folder. */
export const manifestFile = 'manifest.sqlite'

/** The file whose lock makes one process the only daemon of a data folder. */
export const manifestLockFile = 'manifest.lock'

const all = new Set([manifestFile, `${manifestFile}-wal`, `${manifestFile}-shm`, manifestLockFile])

/**
 * Whether only SQLite may open it. Whoever closes any descriptor of such a file lets go of every lock that its process has
 * on it: another program would take the folder for free, or the manifest's log for nobody's, and delete it.
 */
export const isForSqliteAlone = (path: string): boolean => all.has(path)

/** The manifest's file in the data folder. */
export const manifestFile = 'manifest.sqlite'

/** The file whose lock makes one process the only daemon of a data folder. */
export const manifestLockFile = 'manifest.lock'

/** Says who holds that lock. */
export const manifestPidFile = 'manifest.pid'

const sqlites = [manifestFile, `${manifestFile}-wal`, `${manifestFile}-shm`, manifestLockFile]

/** All that a daemon writes for its manifest. */
export const manifestFiles = [...sqlites, manifestPidFile]

/**
 * Whether only SQLite may open it. Whoever closes any descriptor of such a file lets go of every lock that its process has
 * on it: another program would take the folder for free, or the manifest's log for nobody's, and delete it.
 */
export const isForSqliteAlone = (path: string): boolean => sqlites.includes(path)

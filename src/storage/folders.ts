/** Where files grow, below the data folder. Sealed ones are in a folder of each camera's. */
export const openFolder = 'open'

/** Where archives grow. No file in it is worth anything: what is to go into it is still there. */
export const packingFolder = 'packing'

/** Where videos are that were downloaded. */
export const downloadFolder = 'cache'

/** Where copies of the manifest and of open files are kept. */
export const backupFolder = 'backups'

/** Where archives grow, below the data folder. No file in it is worth anything: what is to go into it is still there. */
export const packingFolder = 'packing'

/** Where videos are that were downloaded. */
export const downloadFolder = 'cache'

/** Where copies of the manifest and of open files are kept. */
export const backupFolder = 'backups'

import { folderHolder } from '../../adapters/manifest/folder-lock.ts'
import { OperatingError } from '../../domain/errors.ts'
import { inAnothersFolder, systemUsers } from '../manifest/folder-owner.ts'

/** Of a data folder whose Belay does not answer: who is on it all the same, as a sentence more; none where nobody is. */
export async function whoHolds(folder: string, users = systemUsers): Promise<string> {
  try {
    const holder = await folderHolder(folder)
    if (holder === undefined) return ''
    const who = holder.pid === undefined ? 'A process' : `Process ${holder.pid}`
    return (
      `. ${who} holds the data folder ${folder}: a Belay that starts, ends or cannot have that address, or belay verify. ` +
      'Its log says which (under systemd: journalctl -u belay)'
    )
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error
    const { message } = await inAnothersFolder(error, folder, users)
    return `. Whether a process holds the data folder cannot be told. ${message}`
  }
}

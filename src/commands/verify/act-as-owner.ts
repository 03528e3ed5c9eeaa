import { stat } from 'node:fs/promises'

/** What of the process decides whose the files are that it makes. */
export type Identity = Pick<typeof process, 'geteuid' | 'setgroups' | 'setegid' | 'seteuid'>

/**
 * Lets root act as who owns `folder` from now on: what is made there is then the daemon's to write, and what the daemon
 * cannot do fails here as well. A folder that is not there yet has no owner.
 */
export async function actAsOwnerOf(folder: string, self: Identity = process): Promise<void> {
  if (self.geteuid?.() !== 0) return
  // What is wrong with it, whoever opens the manifest says.
  const owner = await stat(folder).catch(() => undefined)
  if (owner === undefined || owner.uid === 0) return
  // The user last: afterwards the groups are not ours to change.
  self.setgroups?.([owner.gid])
  self.setegid?.(owner.gid)
  self.seteuid?.(owner.uid)
}

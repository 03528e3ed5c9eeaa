import { readdir, readlink } from 'node:fs/promises'
import { processView } from '../../test/support/processes.ts'

/** Processes that work in or on one of `folders`: their arguments name it, or it is where they are. Zombies are none. */
export async function processesIn(folders: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    if (pid === process.pid) continue
    const view = await processView(pid)
    if (view === undefined || view.state === 'Z') continue
    const place = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    if (folders.some((folder) => view.command.includes(folder) || place.startsWith(folder))) {
      found.push(`${pid}: ${view.command}`)
    }
  }
  return found
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually } from '../../test/support/eventually.ts'
import { processView } from '../../test/support/processes.ts'
import type { RunningDaemon } from '../../test/e2e/support/daemon.ts'
import type { Site } from '../../test/e2e/support/site.ts'
import { readManifest } from './evidence.ts'
import { moment } from './moments.ts'

/** Files come several times a second, and each spends about a commit's time there. */
const looks = 50

/**
 * Kills the daemon between a rename on the server and its own record of it, and resolves with whether that was so: such a file
 * has to be found by the next life, and adopted.
 *
 * It is stopped first, so that there is time to look. What looks unrecorded may have been in the midst of its commit all the
 * same; the manifest tells when it is opened again.
 */
export async function killUnrecorded(daemon: RunningDaemon, site: Site, series: readonly string[]): Promise<boolean> {
  for (let look = 0; look < looks; look++) {
    await moment('renamed', site, series)
    daemon.signal('SIGSTOP')
    await eventually('the daemon to stop', async () => (await processView(daemon.pid))?.state === 'T' || undefined)
    if (await isUnrecorded(site, series)) break
    daemon.signal('SIGCONT')
  }
  daemon.signal('SIGKILL')
  await daemon.exit
  return isUnrecorded(site, series)
}

/** Whether the server shows a file that the manifest still has as being sent. */
async function isUnrecorded({ data, delivered }: Site, series: readonly string[]): Promise<boolean> {
  const names = await Promise.all(
    series.map(async (each) => (await readdir(join(delivered, each)).catch(() => [])).map((name) => `${each}/${name}`)),
  )
  const shown = new Set(names.flat())
  return readManifest(data).some(({ path, state }) => state === 'sending' && shown.has(path))
}

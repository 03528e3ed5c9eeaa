import type { Clock } from '../../ports/clock.ts'
import type { Report } from '../../supervision/index.ts'
import { milliseconds } from '../../domain/units.ts'
import { inSeconds } from '../terminal/in-seconds.ts'

/** What each slot does while it drains, in words. */
const doing: Readonly<Record<string, string>> = {
  cameras: 'cameras let go of their streams',
  inference: 'inference finishes the frames it has',
  'csv-writer': 'the writer writes what is queued and seals its files',
  uploader: 'the uploader delivers what is due',
  inspector: 'the page says good-bye',
  manifest: 'the manifest is closed',
  log: 'the log is written out',
}

/** Turns the root's decisions of a stop into lines: what is waited for, and what came of it. */
export function createStopSteps(clock: Clock, say: (line: string) => void): (report: Report) => void {
  const since = new Map<string, number>()
  return ({ path, decision }) => {
    const slot = /^root\/([^/]+)$/.exec(path)?.[1]
    if (slot === undefined) return
    if (decision === 'stop') {
      since.set(slot, clock.monotonic())
      say(`stopping: ${doing[slot] ?? slot} …`)
    }
    const began = since.get(slot)
    if (began === undefined) return
    const took = inSeconds(milliseconds(clock.monotonic() - began))
    if (decision === 'cut_off') say(`  ${slot} cut off after ${took}: its time is up`)
    if (decision === 'leave') say(`  ${slot} done in ${took}`)
  }
}

import type { HeldCall } from './held-calls.ts'
import type { Lives } from './lives.ts'
import type { Swarm } from './swarm.ts'
import type { Tape } from './tape.ts'

export interface GoOnOptions {
  readonly tape: Tape
  readonly swarm: Swarm
  /** How likely something is now that is as likely as this in the run. */
  readonly eager: (likely: number) => number
}

/** A call is answered, well or by one of its faults, or a timer fires; false where there is none of both. */
export function goOn(lives: Lives, { tape, swarm, eager }: GoOnOptions): boolean {
  const { calls, clock } = lives.process
  const { waiting } = calls
  const timerFirst = waiting.length
  const which = waiting.length === 0 ? timerFirst : tape.choose(waiting.length + 1, { eager: swarm.disorder })
  // Those that are due at the same moment fire in any order: Node keeps one list for each length of time.
  const ofEqual = (count: number): number => tape.choose(count, { eager: swarm.disorder })
  if (which === timerFirst && clock.fireNext(Infinity, ofEqual)) return true
  const call = waiting[which === timerFirst ? 0 : which]
  if (call === undefined) return false
  const { faults } = call
  const favourite = 1 + Math.floor(swarm.favourite * faults.length)
  const chosen = tape.choose(faults.length + 1, { eager: eager(swarm.faultsOf(call.name)), favourite })
  const fault = faults[chosen - 1]
  if (lives.areWatched) {
    const path = ownerOf(call)
    lives.note({ path, what: call.name, about: call.detail, outcome: fault?.name ?? 'ok' })
    for (const each of faults) lives.met(path, `${call.name} ${each.name}`, each === fault ? 1 : 0)
  }
  calls.settle(waiting.indexOf(call), fault)
  return true
}

/** The actor whose call it most likely is. */
function ownerOf({ name, detail }: HeldCall): string {
  const [port = ''] = name.split('.')
  if (port === 'video') return `root/cameras/${detail}`
  if (port === 'disk')
    return /^disk\.(open|read|length|close)$/.test(name) && !detail.startsWith('open/')
      ? 'root/uploader'
      : 'root/csv-writer'
  if (port === 'manifest') {
    // Of a transaction, the first who has asked.
    const [asked = ''] = name === 'manifest.commit' ? detail.split(/[ ,]/) : [name.slice('manifest.'.length)]
    if (/^(open|beginBoot|counts|rowCounts|close)$/.test(asked)) return 'root/manifest'
    return /^(add|has|pack|unhold)$/.test(asked) ? 'root/csv-writer' : 'root/uploader'
  }
  return owners[port] ?? port
}

const owners: Readonly<Record<string, string>> = {
  sftp: 'root/uploader',
  models: 'root/inference',
  http: 'root/inspector',
  log: 'root/log',
}

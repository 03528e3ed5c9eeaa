import type { StateEntered } from '../inspection-feed/record.ts'
import { isTroubled } from '../domain/actor-states.ts'
import type { Log } from '../ports/log.ts'

/** Says in the log that a machine is in another state than before; louder where somebody should look at it. */
export function logTransition(log: Log, path: string, { from, to, why }: StateEntered): void {
  log.at(path)[isTroubled(to) ? 'warn' : 'info']('state', { from: from ?? undefined, state: to, why })
}

import type { Log } from '../ports/log.ts'
import type { Report } from '../supervision/index.ts'

/**
 * Says a supervisor's decision in the log: what is routine as `info`, what somebody should look at louder. The error that it is about
 * stands beside the child that failed, and not again with every other one that stops for it.
 */
export function logReport(log: Log, { path, epoch, cause, decision, restartsLeft, reason }: Report): void {
  const error = 'of' in cause && !path.endsWith(`/${cause.of}`) ? undefined : errorOf(cause)
  const fields = { decision, cause: cause.type, epoch, restartsLeft, reason, ...(error === undefined ? {} : { error }) }
  const actor = log.at(path)
  switch (decision) {
    case 'crash':
    case 'give_up':
    case 'roll_back':
      return actor.error('supervisor', fields)
    case 'cut_off':
    case 'wait':
    case 'restart':
    case 'back_off':
      return actor.warn('supervisor', fields)
    case 'carry_on':
      return cause.type === 'fault' ? actor.error('supervisor', fields) : actor.info('supervisor', fields)
    case 'start':
    case 'stop':
    case 'leave':
    case 'forget':
    case 'shut_down':
    case 'end':
      return actor.info('supervisor', fields)
  }
}

function errorOf(cause: Report['cause']): unknown {
  if ('error' in cause) return cause.error
  return cause.type === 'exit' && cause.reason.type === 'error' ? cause.reason.error : undefined
}

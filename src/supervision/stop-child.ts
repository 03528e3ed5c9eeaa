import type { Exited, Outcome } from './core-events.ts'
import type { Cause } from './core-reports.ts'
import type { Child, Job } from './core-state.ts'
import type { Ms } from './spec.ts'
import { isFleeting, type Turn } from './turn.ts'

/** Begins to stop a child that is up, in its own time. It ends in `exited`. */
export function stopChild(turn: Turn, child: Child, { cause }: Pick<Job, 'cause'>): void {
  const { shutdown } = child.rules
  stopWithin(turn, child, shutdown === 'infinity' ? Infinity : shutdown === 'brutal_kill' ? 0 : shutdown, cause)
}

/** Begins to stop a child that is up; it is cut off after `within`. */
export function stopWithin(turn: Turn, child: Child, within: Ms, cause: Cause): void {
  const { id, shutdown } = child.rules
  const { epoch } = child
  const change = { state: 'stopping', deadline: turn.at + within, allotted: within, earned: 0 } as const
  // Killed, it needs no deadline; asked, it is given one before it can answer.
  const timeless = shutdown === 'brutal_kill' || within === Infinity
  const stopping = timeless ? turn.disarm(child, change) : turn.arm(child, Math.max(0, within), change)
  if (shutdown === 'brutal_kill') {
    turn.report(stopping, 'stop', cause, `killing ${id}: it is not to be asked`)
    turn.effects.push({ type: 'kill', id, epoch })
    return
  }
  turn.report(
    stopping,
    'stop',
    cause,
    `asking ${id} to drain${within === Infinity ? '' : ` within ${Math.round(within)} ms`}`,
  )
  turn.effects.push({ type: 'drain', id, epoch, within })
}

/** Sets the timer that cuts a stopping child off. */
export function armDeadline(turn: Turn, child: Child): void {
  if (child.deadline === Infinity) return
  turn.arm(child, Math.max(0, child.deadline - turn.at))
}

/** The child's time is up: kills it. `exited` still follows. */
export function cutOff(turn: Turn, child: Child, why: 'start_timeout' | 'shutdown_timeout'): void {
  const { id } = child.rules
  const cut = turn.disarm(child, { killedFor: why })
  const reason = why === 'start_timeout' ? 'it was not ready in time' : 'it did not finish draining in time'
  turn.report(cut, 'cut_off', { type: why }, `killing ${id}: ${reason}`)
  turn.effects.push({ type: 'kill', id, epoch: child.epoch })
}

/** A child that is to be stopped had ended already, or waited for its next start: nothing is left to stop. */
export function settleEnded(turn: Turn, child: Child, job: Pick<Job, 'type' | 'cause'>): void {
  const { state, rules } = child
  const stays = job.type === 'terminate_child' || isFleeting(turn, child)
  const why = job.type === 'terminate_child' ? 'it was terminated' : 'it is temporary'
  if (stays && state !== 'terminated')
    turn.report(child, 'leave', job.cause, `${rules.id} is not started again: ${why}`)
  settleStopped(turn, child, job)
}

/** A child has been stopped for `job`'s sake: what is left of it in the books. */
export function settleStopped(turn: Turn, child: Child, job: Pick<Job, 'type'>): void {
  if (isFleeting(turn, child)) return turn.drop(child)
  turn.disarm(child, {
    state: job.type === 'terminate_child' ? 'terminated' : 'waiting',
    exit: undefined,
    killedFor: undefined,
    along: [],
    paid: false,
  })
}

/** How a child fared that has ended, where everything stops. */
export function outcomeOf({ id, reason, killed, output }: Exited): Outcome {
  if (killed) return output === undefined ? { id, result: 'cut_off' } : { id, result: 'cut_off', output }
  if (reason.type === 'error') return { id, result: 'crashed', error: reason.error }
  return { id, result: 'drained', output }
}

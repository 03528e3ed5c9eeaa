import type { CoreEvent } from './core-events.ts'
import type { Cause } from './core-reports.ts'
import type { Child } from './core-state.ts'
import { getOn } from './extend-stop.ts'
import { laneAt, laneFor } from './lane-of.ts'
import { advance, deliver, finish, resume } from './lanes.ts'
import { described, startHasFailed } from './restart.ts'
import type { ExitReason } from './spec.ts'
import { EndedBeforeReadyError, StartTimeoutError } from './start.ts'
import { cutOff, outcomeOf, settleStopped } from './stop-child.ts'
import { beginStop, endedWhileStopping } from './stop.ts'
import { isFleeting, type Turn } from './turn.ts'

type Event<T extends CoreEvent['type']> = Extract<CoreEvent, { readonly type: T }>

/** An incarnation is ready. */
export function childStarted(turn: Turn, { id, epoch }: Event<'started'>): void {
  const child = current(turn, id, epoch)
  // Ready after the kill is too late: it is being killed.
  if (child?.state !== 'starting' || child.killedFor !== undefined) return
  const took = turn.at - child.since
  const ready = turn.disarm(withoutNeedless(child), { state: 'running', startedAt: turn.at })
  turn.report(ready, 'carry_on', { type: 'ready' }, `${id} is ready after ${Math.round(took)} ms`)
  proceed(turn, id)
}

/** A temporary child is never started again: what its owner needed to start it is let go, as in OTP. */
function withoutNeedless(child: Child): Child {
  return child.rules.restart === 'temporary' ? { ...child, rules: { ...child.rules, payload: undefined } } : child
}

/** The start function chose not to start anything, as OTP's `ignore`. */
export function childIgnored(turn: Turn, event: Event<'ignored'>): void {
  const { id, epoch } = event
  const child = current(turn, id, epoch)
  // It still let go of what it had prepared when it was to stop; or it had said that it was ready.
  if (child?.state === 'stopping' || child?.state === 'running' || turn.phase === 'stopping')
    return childEnded(turn, { ...event, type: 'exited', reason: { type: 'normal' }, killed: false })
  const job = turn.lanes.get(laneAt(turn, id))?.job
  if (child?.state !== 'starting' || job === undefined) return
  turn.report(child, 'leave', job.cause, `${id} chose to start nothing`)
  if (isFleeting(turn, child)) turn.drop(child)
  else turn.disarm(child, { state: 'terminated' })
  proceed(turn, id)
}

/** An incarnation could not start, and nothing of it is left. */
export function childFailed(turn: Turn, event: Event<'failed'>): void {
  const { id, epoch, error } = event
  const child = current(turn, id, epoch)
  if (child?.state === 'starting') startFailed(turn, child, error)
  // Asked to stop before it had started.
  if (child?.state === 'stopping')
    childEnded(turn, { ...event, type: 'exited', reason: { type: 'error', error }, killed: false })
}

/** An incarnation has ended, and nothing of it is left. */
export function childEnded(turn: Turn, event: Event<'exited'>): void {
  const child = current(turn, event.id, event.epoch)
  if (child === undefined) return
  if (child.state === 'starting' && turn.phase !== 'stopping')
    return startFailed(turn, child, whyNotStarted(child, event.reason))
  if (turn.phase === 'stopping') return endedWhileStopping(turn, child, outcomeOf(event))
  if (child.state === 'running') {
    if (child.exit !== undefined) return
    return hasExited(turn, turn.change(child, { exit: event }), event.reason)
  }
  const name = laneAt(turn, event.id)
  const job = turn.lanes.get(name)?.job
  if (child.state !== 'stopping' || job === undefined) return
  const { result } = outcomeOf(event)
  turn.report(child, 'leave', job.cause, `${event.id} has stopped: ${result}`)
  settleStopped(turn, child, job)
  proceed(turn, event.id)
}

/** Its restart has its turn; where that has not come yet, the end is told all the same. */
function hasExited(turn: Turn, child: Child, reason: ExitReason): void {
  const { id } = child.rules
  const name = laneFor(turn, id)
  const lane = turn.lanes.get(name)
  const step = lane?.job.steps[lane.next]
  if (step !== undefined) {
    const behind = `its turn comes after the ${step.type} of ${step.id}`
    turn.report(child, 'wait', { type: 'exit', of: id, reason }, `${id} ${described(reason)}: ${behind}`)
  }
  deliver(turn, name, { type: 'exit', id, epoch: child.epoch, at: turn.at })
}

/** It is not done, but getting on: it may have as much time again. */
export function childProgressed(turn: Turn, { id, epoch }: Event<'progress'>): void {
  const child = current(turn, id, epoch)
  if (child?.state !== 'stopping' || child.killedFor !== undefined || child.deadline === Infinity) return
  getOn(turn, child)
}

/** The child's timer has run out. */
export function childExpired(turn: Turn, { id, token }: Event<'expired'>): void {
  const child = turn.child(id)
  if (child === undefined || child.token !== token) return
  if (child.state === 'starting') return cutOff(turn, child, 'start_timeout')
  if (child.state === 'stopping') return cutOff(turn, child, 'shutdown_timeout')
  deliver(turn, laneFor(turn, id), { type: 'again', id, token })
}

function startFailed(turn: Turn, child: Child, error: unknown): void {
  const { id } = child.rules
  if (turn.phase === 'stopping') return endedWhileStopping(turn, child, { id, result: 'crashed', error })
  const name = laneAt(turn, id)
  const lane = turn.lanes.get(name)
  if (lane === undefined) return
  const { job } = lane
  const cause: Cause = { type: 'start_failed', of: id, error }
  switch (job.type) {
    case 'boot': {
      const failed = turn.disarm(child, { state: 'terminated' })
      turn.report(failed, 'roll_back', cause, `${id} could not be started: stopping what had started`)
      return beginStop(turn, { why: 'start_failed', cause, error })
    }
    case 'start_child':
      turn.report(turn.disarm(child), 'leave', cause, `${id} could not be started: it is not added`)
      turn.drop(child)
      turn.reply(job.ticket, { ok: false, error: 'start_failed', reason: error })
      break
    case 'restart_child':
      turn.report(
        turn.disarm(child, { state: 'terminated' }),
        'leave',
        cause,
        `${id} could not be started: it stays as it was`,
      )
      turn.reply(job.ticket, { ok: false, error: 'start_failed', reason: error })
      break
    case 'restart':
      startHasFailed(turn, child, lane, error)
      // Then nobody is left waiting in this lane.
      if (turn.phase !== 'running') return
      break
    case 'terminate_child':
      break
  }
  finish(turn, name, { ...lane, job: { ...job, ticket: undefined } })
}

/** The lane goes on to its next step. */
function proceed(turn: Turn, id: string): void {
  if (turn.phase === 'stopping') return
  const name = laneAt(turn, id)
  advance(turn, name)
  resume(turn, name)
}

/** Undefined for what an older incarnation says late. */
function current(turn: Turn, id: string, epoch: number): Child | undefined {
  const child = turn.child(id)
  return child?.epoch === epoch ? child : undefined
}

function whyNotStarted(child: Child, reason: ExitReason): unknown {
  const { id, startTimeout = 'infinity' } = child.rules
  if (child.killedFor === 'start_timeout') return new StartTimeoutError(id, startTimeout)
  return new EndedBeforeReadyError(id, reason.type === 'error' ? { cause: reason.error } : {})
}

import { affectedBy } from './affected.ts'
import { laneOf } from './lane-of.ts'
import { runJob } from './lanes.ts'
import { decideRestart, type Verdict } from './decide-restart.ts'
import type { Cause } from './core-reports.ts'
import type { Child, Lane, Message, Step } from './core-state.ts'
import type { ExitReason } from './spec.ts'
import { beginStop } from './stop.ts'
import { stopSequence } from './stop-sequence.ts'
import { isFleeting, isRestarting, isUp, type Turn } from './turn.ts'

/** A child has ended by itself. */
export function handleExit(turn: Turn, { id, epoch, at }: Extract<Message, { type: 'exit' }>): void {
  const child = turn.child(id)
  // It may have been stopped, or restarted with others, while this exit waited.
  if (child?.epoch !== epoch || child.exit === undefined) return
  const { reason } = child.exit
  carryOut(turn, child, judge(turn, child, reason, at), { type: 'exit', of: id, reason }, `${id} ${described(reason)}`)
}

/** A start has failed, or a wait is over: the next try is due. */
export function handleAgain(turn: Turn, { id, token }: Extract<Message, { type: 'again' }>): void {
  const child = turn.child(id)
  if (child === undefined || child.token !== token || !isRestarting(child)) return
  const cause: Cause = { type: 'retry' }
  if (child.state === 'crashed') {
    turn.report(child, 'restart', cause, `trying ${id} again after it had spent its budget`)
    return tryAgain(turn, child, cause)
  }
  if (child.paid) return perform(turn, child, cause)
  carryOut(turn, child, judge(turn, child, undefined), cause, `${id} could not be started again`)
}

/**
 * A start failed while its lane was restarting: the next try comes at once, but lets others speak first. A temporary child
 * had only this one.
 */
export function startHasFailed(turn: Turn, child: Child, lane: Lane, error: unknown): void {
  const cause: Cause = { type: 'start_failed', of: child.rules.id, error }
  const { next } = lane
  const rest = lane.job.steps.slice(next + 1)
  if (child.rules.restart === 'temporary') {
    const verdict = judge(turn, child, { type: 'error', error })
    return carryOut(turn, child, verdict, cause, `${child.rules.id} could not be started`)
  }
  // Where stops are still to come, it was tried again alone: nobody waits for it.
  const along = rest.some((step) => step.type === 'stop') ? [] : rest.map((step) => step.id)
  // The one whose end was the cause, where others start before it: it waits like them, and is not what is tried again.
  for (const id of along) {
    const other = turn.child(id)
    if (other?.state === 'restarting') turn.change(other, { state: 'waiting' })
  }
  turn.report(child, 'restart', cause, `${child.rules.id} could not be started: trying again`)
  turn.arm(child, 0, { state: 'restarting', along, paid: false, killedFor: undefined })
}

function judge(turn: Turn, child: Child, exit: ExitReason | undefined, endedAt = turn.at): Verdict {
  const { at, random, flags, restarts } = turn
  const othersSignificant = () => {
    const others = turn.children.values().filter((other) => other.rules.id !== child.rules.id)
    return others.some((other) => other.rules.significant && (isUp(other) || isRestarting(other)))
  }
  return decideRestart(child, exit, { at, endedAt, random, flags, restarts, othersSignificant })
}

function carryOut(turn: Turn, child: Child, verdict: Verdict, cause: Cause, event: string): void {
  const { id, budget } = child.rules
  switch (verdict.type) {
    case 'leave': {
      const fate = verdict.endsSupervisor ? 'it is significant, so its supervisor ends' : 'it is not restarted'
      turn.report(child, 'leave', cause, `${event}: ${fate}`)
      settle(turn, child)
      if (verdict.endsSupervisor) beginStop(turn, { why: 'auto_shutdown', cause })
      return
    }
    case 'give_up':
      turn.restarts = verdict.restarts
      turn.report(
        undefined,
        'give_up',
        { type: 'budget_spent', of: id },
        `${event}, and the ${turn.flags.intensity} restarts in ${turn.flags.period} ms are spent`,
      )
      settle(turn, child)
      return beginStop(turn, { why: 'shutdown', cause: { type: 'budget_spent', of: id } })
    case 'crash': {
      const crashed = turn.arm(child, verdict.delay, {
        state: 'crashed',
        exit: undefined,
        restarts: verdict.restarts,
        paid: true,
        along: [],
      })
      turn.report(
        crashed,
        'crash',
        cause,
        `${event}, and its own budget is spent: trying again every ${verdict.delay / 1000} s`,
        verdict.delay,
      )
      return goOnWithout(turn, crashed, child.along, cause)
    }
    case 'restart': {
      if (budget === undefined) turn.restarts = verdict.restarts
      const { failures, delay } = verdict
      const restarts = budget === undefined ? child.restarts : verdict.restarts
      const paid = turn.change(child, { failures, restarts, onProbation: false })
      if (delay === 0) {
        turn.report(paid, 'restart', cause, `${event}: restarting it`)
        return perform(turn, paid, cause)
      }
      const waiting = turn.arm(paid, delay, { state: 'backing_off', exit: undefined, paid: true })
      turn.report(waiting, 'back_off', cause, `${event}: restarting it in ${delay} ms`, delay)
      return clearTheWay(turn, waiting, cause)
    }
  }
}

/** A child that isn't restarted: its record goes, or waits for a `restart_child`. */
function settle(turn: Turn, child: Child): void {
  if (isFleeting(turn, child)) turn.drop(child)
  else turn.disarm(child, { state: 'terminated', exit: undefined, along: [] })
}

/** Restarts the child, and with it all that its end concerns. */
function perform(turn: Turn, child: Child, cause: Cause): void {
  const ready = turn.disarm(child, { state: 'restarting', exit: undefined })
  const affected = affectedBy(turn, ready)
  restartJob(turn, ready, [...stopsOf(turn, without(ready, affected)), ...startsOf(affected)], cause)
}

/** Starts a crashed child alone; only once it is ready are those restarted that its end concerns. */
function tryAgain(turn: Turn, child: Child, cause: Cause): void {
  const ready = turn.disarm(child, { state: 'restarting', onProbation: true })
  const affected = affectedBy(turn, ready)
  // Where one of them starts before it, it begins once more after that one: each builds on those before it.
  const again = affected[0] === ready ? without(ready, affected) : affected
  restartJob(turn, ready, [...startsOf([ready]), ...stopsOf(turn, again), ...startsOf(again)], cause)
}

/** Stops now what will be restarted with the child after its back-off. */
function clearTheWay(turn: Turn, child: Child, cause: Cause): void {
  const others = without(child, affectedBy(turn, child))
  if (others.length === 0) return
  const along = others.map(({ rules }) => rules.id)
  restartJob(turn, turn.change(child, { along }), stopsOf(turn, others), cause)
}

/** Starts those that were stopped for the child's restart, which is long in coming. */
function goOnWithout(turn: Turn, child: Child, along: readonly string[], cause: Cause): void {
  const waiting = along.filter((id) => turn.child(id)?.state === 'waiting')
  if (waiting.length === 0) return
  const starts = waiting.map((id): Step => ({ type: 'start', id }))
  restartJob(turn, child, starts, cause)
}

function restartJob(turn: Turn, child: Child, steps: readonly Step[], cause: Cause): void {
  const { id } = child.rules
  runJob(turn, laneOf(turn, id), { type: 'restart', steps, ticket: undefined, culprit: id, cause })
}

const without = (child: Child, children: readonly Child[]): Child[] =>
  children.filter(({ rules }) => rules.id !== child.rules.id)

const startsOf = (children: readonly Child[]): Step[] => children.map(({ rules }) => ({ type: 'start', id: rules.id }))

const stopsOf = ({ flags }: Turn, children: readonly Child[]): Step[] =>
  stopSequence(flags, children).map(({ rules }) => ({ type: 'stop', id: rules.id }))

/** The end of a child, as the second half of a sentence. */
export function described(exit: ExitReason): string {
  if (exit.type === 'error') return `failed: ${exit.error instanceof Error ? exit.error.message : String(exit.error)}`
  return exit.type === 'normal' ? 'has ended' : 'has shut down'
}

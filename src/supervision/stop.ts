import type { Ended, Outcome } from './core-events.ts'
import type { Cause } from './core-reports.ts'
import type { Child, StopPlan, Stopping } from './core-state.ts'
import type { Ms } from './spec.ts'
import { shareOf, wantsOf } from './stop-budget.ts'
import { armDeadline, outcomeOf, stopWithin } from './stop-child.ts'
import { stopSequence } from './stop-sequence.ts'
import { isRestarting, isUp, type Turn } from './turn.ts'

/** What a second stop leaves where no stop budget says it. */
const afterSecondStop: Ms = 5_000

export interface StopRequest {
  readonly why: Ended
  readonly cause: Cause
  readonly error?: unknown
  /** The whole stop may not take longer, whatever the budget says. */
  readonly within?: Ms | undefined
}

/** Why there is less time for a stop. */
export interface HurryCause {
  readonly type: keyof typeof hurried
}

const hurried = {
  second_stop: 'asked again',
  drain: 'asked to stop, which it does already',
  cut_off: 'cut off from above',
} as const

/** Stops everything, whatever is going on, and then ends. No child is restarted from here on. */
export function beginStop(turn: Turn, { why, cause, error, within = Infinity }: StopRequest): void {
  const { stopBudget: budget, strategy, concurrent } = turn.flags
  turn.phase = 'stopping'
  abandonJobs(turn)
  const children = turn.children.values()
  const order = stopSequence(turn.flags, children.filter(hasProcess))
  const total = Math.min(budget?.total ?? Infinity, within)
  const hardCap = Math.min(budget?.hardCap ?? total, within)
  const together = concurrent || strategy === 'simple_one_for_one'
  turn.stopping = {
    plan: { why, cause, error, order: order.map((child) => child.rules.id), together, wants: wantsOf(order) },
    next: 0,
    awaited: order.length,
    endsAt: turn.at + total,
    hardEndsAt: turn.at + Math.max(total, hardCap),
    ownCap: turn.at + (budget === undefined ? Infinity : (budget.hardCap ?? budget.total)),
  }
  const limit = total === Infinity ? '' : ` within ${Math.round(total)} ms`
  turn.report(undefined, 'shut_down', cause, `stopping ${order.length} children${limit}`)
  for (const child of children) if (!hasProcess(child)) layToRest(turn, child, cause)
  if (together) order.forEach((child, place) => stopInTurn(turn, child, place))
  goOn(turn, true)
}

/** A child has ended while everything stops. */
export function endedWhileStopping(turn: Turn, child: Child, outcome: Outcome): void {
  const { stopping } = turn
  if (stopping === undefined || !hasProcess(child)) return
  const ended = turn.disarm(child, { state: 'terminated', killedFor: undefined, outcome })
  turn.report(ended, 'leave', stopping.plan.cause, `${outcome.id} has stopped: ${outcome.result}`)
  stopping.awaited--
  goOn(turn)
}

/** `within` is left for all children that remain: someone has lost patience, or has none. */
export function hurryStop(turn: Turn, cause: HurryCause, within?: Ms): void {
  if (turn.stopping === undefined)
    beginStop(turn, { why: 'asked', cause: cause.type === 'second_stop' ? { type: 'drain' } : cause })
  const { stopping } = turn
  if (stopping === undefined || turn.phase !== 'stopping') return
  const left = leftBy(turn, within)
  const endsAt = Math.min(stopping.endsAt, turn.at + left)
  stopping.endsAt = endsAt
  stopping.hardEndsAt = Math.min(stopping.hardEndsAt, endsAt)
  stopping.ownCap = Math.min(stopping.ownCap, endsAt)
  turn.report(undefined, 'shut_down', cause, `${hurried[cause.type]}: ${Math.round(endsAt - turn.at)} ms are left`)
  stopping.plan.order.forEach((id, place) => {
    const child = turn.child(id)
    if (child?.state !== 'stopping' || child.killedFor !== undefined) return
    const share = limitDeadline(turn, child, place)
    turn.effects.push({ type: 'hurry', id, epoch: child.epoch, within: share })
  })
}

/** A second stop is for everything that remains: for what children hold, too. */
export function hurryDisposers(turn: Turn, within?: Ms): void {
  if (turn.phase === 'stopping') turn.effects.push({ type: 'hurry_disposers', within: leftBy(turn, within) })
}

const leftBy = ({ flags }: Turn, within?: Ms): Ms => within ?? flags.stopBudget?.afterSecondStop ?? afterSecondStop

/** Nobody who waits for an answer is left waiting. */
function abandonJobs(turn: Turn): void {
  for (const { name, job, inbox } of turn.lanes.values()) {
    turn.lanes.delete(name)
    turn.reply(job.ticket, { ok: false, error: 'shutting_down' })
    for (const message of inbox) {
      if (message.type === 'call') turn.reply(message.ticket, { ok: false, error: 'shutting_down' })
    }
  }
}

/** A child without a process: whatever it waited for no longer comes. */
function layToRest(turn: Turn, child: Child, cause: Cause): void {
  const { exit, state } = child
  const { id } = child.rules
  if (exit !== undefined || isRestarting(child))
    turn.report(child, 'leave', cause, `${id} is not started again: everything stops`)
  if (exit === undefined) {
    if (state !== 'terminated') turn.disarm(child, { state: 'terminated' })
    return
  }
  // It ended by itself, before its supervisor had a look.
  turn.disarm(child, { state: 'terminated', exit: undefined, outcome: outcomeOf(exit) })
}

/** Goes on to the next child once the one that was stopping has ended, and ends after the last. */
function goOn(turn: Turn, arrived = false): void {
  const { stopping } = turn
  if (stopping === undefined) return
  const { order, together } = stopping.plan
  for (; !together && stopping.next < order.length; stopping.next++) {
    const child = turn.child(order[stopping.next] as string)
    if (child !== undefined && hasProcess(child)) {
      if (arrived) stopInTurn(turn, child, stopping.next)
      return
    }
    arrived = true
  }
  if (stopping.awaited === 0) end(turn, stopping.plan)
}

/** Stops the child within its share; if it is stopping already, it gets no more than that. */
function stopInTurn(turn: Turn, child: Child, place: number): void {
  const { stopping } = turn
  if (stopping === undefined || child.killedFor !== undefined) return
  if (child.state === 'stopping') limitDeadline(turn, child, place)
  else stopWithin(turn, child, share(turn, stopping, child, place), stopping.plan.cause)
}

/** Brings the deadline of a stopping child down to its share of what is left. */
function limitDeadline(turn: Turn, child: Child, place: number): Ms {
  const allowed = turn.stopping === undefined ? Infinity : share(turn, turn.stopping, child, place)
  const deadline = Math.min(child.deadline, turn.at + allowed)
  if (deadline < child.deadline) {
    armDeadline(turn, turn.change(child, { deadline, allotted: allowed, earned: 0 }))
  }
  return Math.max(0, deadline - turn.at)
}

function share(turn: Turn, { plan, endsAt }: Stopping, child: Child, place: number): Ms {
  const { together, wants } = plan
  const left = Math.max(0, endsAt - turn.at)
  if (!together) return shareOf(child, place, wants, left)
  const { shutdown } = child.rules
  return shutdown === 'brutal_kill' ? 0 : Math.min(shutdown === 'infinity' ? Infinity : shutdown, left)
}

function end(turn: Turn, { why, error, cause }: StopPlan): void {
  turn.phase = 'ended'
  const outcomes = turn
    .ordered()
    .map(({ outcome }) => outcome)
    .filter((outcome) => outcome !== undefined)
  const drained = outcomes.filter((outcome) => outcome.result === 'drained').length
  turn.report(
    undefined,
    'end',
    cause,
    `everything has stopped: ${drained} drained, ${outcomes.length - drained} did not`,
  )
  turn.effects.push({ type: 'end', why, error, outcomes })
}

const hasProcess = (child: Child): boolean => isUp(child) && child.exit === undefined

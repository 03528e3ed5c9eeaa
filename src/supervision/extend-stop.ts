import type { Child, Stopping } from './core-state.ts'
import type { Ms } from './spec.ts'
import { keptFrom } from './stop-budget.ts'
import { armDeadline } from './stop-child.ts'
import type { Turn } from './turn.ts'

/**
 * The child that is stopping gets on: it has earned as much time again. It is given that as far as the cap and what the
 * others ask for allow; where the cap is one from above, more is asked for there.
 */
export function getOn(turn: Turn, child: Child): void {
  const { stopping } = turn
  const earned = turn.at + child.allotted
  if (stopping === undefined) return moveDeadline(turn, child, earned)
  if (earned + keptFor(stopping) > stopping.endsAt) turn.effects.push({ type: 'progress' })
  grant(turn, turn.change(child, { earned }))
}

/** The supervisor above has found more time: `within` is left from now on, for those who have earned it. */
export function extendStop(turn: Turn, within: Ms): void {
  const { stopping } = turn
  if (stopping === undefined) return
  stopping.hardEndsAt = Math.max(stopping.hardEndsAt, Math.min(turn.at + within, stopping.ownCap))
  for (const id of stopping.plan.order) {
    const child = turn.child(id)
    if (child?.state === 'stopping' && child.killedFor === undefined) grant(turn, child)
  }
}

function grant(turn: Turn, child: Child): void {
  const { stopping } = turn
  if (stopping === undefined) return
  const kept = keptFor(stopping)
  const deadline = Math.min(child.earned, stopping.hardEndsAt - kept)
  if (deadline <= child.deadline) return
  stopping.endsAt = Math.max(stopping.endsAt, Math.min(deadline + kept, stopping.hardEndsAt))
  moveDeadline(turn, child, deadline)
}

function moveDeadline(turn: Turn, child: Child, deadline: Ms): void {
  const { id } = child.rules
  const within = deadline - turn.at
  const extended = turn.change(child, { deadline })
  armDeadline(turn, extended)
  if (timesGiven(child, deadline) > timesGiven(child, child.deadline))
    turn.report(extended, 'carry_on', { type: 'progress' }, `${id} gets on: it has ${Math.round(within)} ms from now`)
  turn.effects.push({ type: 'extend', id, epoch: child.epoch, within })
}

/**
 * How often what it was given first has been given again, begun or whole. Progress may come many times a second: it is
 * reported where this grows.
 */
const timesGiven = ({ since, allotted }: Child, deadline: Ms): number => Math.floor((deadline - since - 1) / allotted)

/** What is left to those that stop later. */
const keptFor = ({ plan, next }: Stopping): Ms => (plan.together ? 0 : keptFrom(plan.wants, next + 1))

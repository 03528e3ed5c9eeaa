import { together } from './affected.ts'
import type { Lane, Message } from './core-state.ts'
import type { Turn } from './turn.ts'

/** Until all have started there is one lane for everything: the start has an order. */
export const areApart = ({ flags, phase }: Turn): boolean => flags.restartsApart && phase === 'running'

/** The lane in which something is done to this child for its own sake. */
export const laneOf = (turn: Turn, id: string): string => (turn.flags.concurrent || areApart(turn) ? id : '')

/** The lane whose job starts or stops this child. */
export function laneAt(turn: Turn, id: string): string {
  if (!areApart(turn)) return laneOf(turn, id)
  return turn.lanes.values().find(({ job }) => job.steps.some((step) => step.id === id))?.name ?? id
}

/** The lane in which what is said of this child has its turn: a busy one that concerns any that it concerns, or a free one. */
export function laneFor(turn: Turn, id: string): string {
  if (!areApart(turn)) return laneOf(turn, id)
  const concerned = new Set(concernedBy(turn, id))
  const claims = (lane: Lane) => claimedBy(turn, lane).some((other) => concerned.has(other))
  return turn.lanes.values().find(claims)?.name ?? id
}

export function subjectOf(message: Message): string {
  if (message.type !== 'call') return message.id
  const { call } = message
  if (call.type === 'start_child') return call.rules.id
  return 'id' in call ? call.id : ''
}

/** Those that the lane is at work on, and those that the ones who wait in it will need: so nobody is overtaken. */
const claimedBy = (turn: Turn, { job, inbox }: Lane): string[] => [
  ...(job.culprit === undefined ? [] : [job.culprit]),
  ...job.steps.map(({ id }) => id),
  ...inbox.flatMap((message) => concernedBy(turn, subjectOf(message))),
]

function concernedBy(turn: Turn, id: string): string[] {
  const child = turn.child(id)
  return child === undefined ? [id] : together(turn, child).map(({ rules }) => rules.id)
}

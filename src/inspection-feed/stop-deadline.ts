import { milliseconds } from '../domain/units.ts'
import type { StopDeadline } from './actor-picture.ts'
import type { EventReceived, Stamp } from './record.ts'

/** What an actor's deadline is once it has heard `record`: told again it has no longer than before, and only `stop.extend` gives more. */
export function deadlineAfter(
  before: StopDeadline | undefined,
  { event, detail, monotonic }: EventReceived & Pick<Stamp, 'monotonic'>,
): StopDeadline | undefined {
  const { within } = detail
  if (typeof within !== 'number') return before
  const to = milliseconds(monotonic + Math.max(0, within))
  switch (event) {
    case 'drain':
    case 'stop.hurry':
      return before === undefined ? { from: monotonic, to } : { ...before, to: milliseconds(Math.min(before.to, to)) }
    case 'stop.extend':
      return before && { ...before, to: milliseconds(Math.max(before.to, to)) }
    default:
      return before
  }
}

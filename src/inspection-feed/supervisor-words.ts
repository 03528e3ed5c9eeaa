import type { ChildState, ChildView, SupervisorSnapshot } from '../supervision/index.ts'

/** What is read of a supervisor's snapshot. */
export type SupervisorState = Pick<SupervisorSnapshot, 'value' | 'restartsLeft'> & {
  readonly children: readonly SupervisedChild[]
}

export type SupervisedChild = Pick<ChildView, 'id' | 'state' | 'epoch' | 'restartsLeft' | 'since'>

/** Whether no incarnation of the child is there, so that only its supervisor can speak for it. */
export const isWithoutActor = (state: ChildState): boolean =>
  state === 'waiting' || state === 'restarting' || state === 'backing_off' || state === 'crashed'

/** A supervisor's words for its own phases and for its children's states. */
export const supervisorWords: Readonly<Record<ChildState | SupervisorSnapshot['value'], string>> = {
  idle: 'Has not begun to start its children.',
  waiting: 'Its turn to start, or to be started again, has not come.',
  starting: 'Starts, and is not ready yet.',
  running: 'Runs.',
  stopping: 'Is being stopped.',
  restarting: 'Could not be started; is tried again at once.',
  backing_off: 'Failed; is started again after a wait.',
  crashed: 'Has failed too often; is tried again much later, and touches no other.',
  terminated: 'Has been stopped, and stays so.',
  ended: 'Has ended, and all its children with it.',
}

/** A supervisor that starts or stops waits for those of its children that do. */
export function waitsFor(
  value: string,
  children: readonly { readonly id: string; readonly state: string }[],
): string | null {
  if (value !== 'starting' && value !== 'stopping') return null
  const awaited = children.filter(({ state }) => state === value).map(({ id }) => id)
  if (awaited.length === 0) return null
  return awaited.length > 5 ? `waits for ${awaited.length} children` : `waits for ${awaited.join(', ')}`
}

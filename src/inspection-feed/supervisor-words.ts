/** What a supervisor shows of itself in its snapshot. */
export interface SupervisorSnapshotLike {
  readonly phase: string
  readonly children: readonly SupervisedChild[]
}

export interface SupervisedChild {
  readonly id: string
  readonly state: string
  readonly epoch: number
  readonly restartsLeft?: number | undefined
  /** Monotonic: when it came into this state. */
  readonly since: number
}

/** One decision of a supervisor, about a child of its own or about itself. */
export interface SupervisorReportLike {
  readonly path: string
  readonly epoch: number
  readonly decision: string
  readonly restartsLeft: number
  readonly reason: string
}

/** States in which no incarnation of the child is there, so that only its supervisor can speak for it. */
export const isWithoutActor = (state: string): boolean => withoutActor.has(state)

const withoutActor = new Set(['waiting', 'restarting', 'backing_off', 'crashed'])

/** A supervisor's words for its own phases and for its children's states. */
export const supervisorWords: Readonly<Record<string, string>> = {
  idle: 'Has not begun to start its children.',
  waiting: 'Its turn to start has not come.',
  starting: 'Starts, and is not ready yet.',
  running: 'Runs.',
  stopping: 'Is being stopped.',
  restarting: 'Could not be started; is tried again at once.',
  backing_off: 'Failed; is started again after a wait.',
  crashed: 'Has failed too often; is tried again much later, and touches no other.',
  terminated: 'Has been stopped, and stays so.',
  ended: 'Has ended, and all its children with it.',
}

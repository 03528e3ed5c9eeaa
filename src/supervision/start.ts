import type { Cause } from './core-reports.ts'
import type { Child } from './core-state.ts'
import type { Turn } from './turn.ts'

/** Begins a new incarnation. It ends in `started`, `ignored`, `failed`, or its start timeout. */
export function startChild(turn: Turn, child: Child, cause: Cause): void {
  const { id, startTimeout = 'infinity' } = child.rules
  const epoch = child.epoch + 1
  const change = {
    state: 'starting',
    epoch,
    startedAt: undefined,
    exit: undefined,
    killedFor: undefined,
    along: [],
    paid: false,
  } as const
  const limit = startTimeout === 'infinity' ? '' : `; it has ${startTimeout} ms to become ready`
  const next = startTimeout === 'infinity' ? turn.disarm(child, change) : turn.arm(child, startTimeout, change)
  turn.report(next, 'start', cause, `starting ${id}, incarnation ${epoch}${limit}`)
  turn.effects.push({ type: 'start', id, epoch })
}

/** An incarnation that did not become ready in time. */
export class StartTimeoutError extends Error {
  readonly code = 'supervision.start_timeout'

  constructor(
    readonly childId: string,
    readonly timeout: number | 'infinity',
  ) {
    super(`${childId} was not ready within ${timeout} ms`)
  }

  override get name(): string {
    return 'StartTimeoutError'
  }
}

/** An incarnation that ended before it was ready. `cause` is its error, if it had one. */
export class EndedBeforeReadyError extends Error {
  readonly code = 'supervision.ended_before_ready'

  constructor(
    readonly childId: string,
    options?: ErrorOptions,
  ) {
    super(`${childId} ended before it was ready`, options)
  }

  override get name(): string {
    return 'EndedBeforeReadyError'
  }
}

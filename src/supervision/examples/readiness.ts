/** A connection that says when it is ready, and is tried again after ever longer waits; what needs it starts after it. */
import { createActor, fromCallback } from 'xstate'
import { createSupervisor, type Incarnation, run, type SupervisorOptions, systemClock } from '../index.ts'

export interface Surroundings extends Pick<SupervisorOptions, 'clock' | 'random' | 'onReport'> {
  /** Calls `opened` once there is a connection, and `lost` when there is none any more; returns how to close it. */
  readonly connect: (opened: () => void, lost: (why: Error) => void) => () => void
}

export function startClient({ connect, clock = systemClock, ...options }: Surroundings) {
  const root = createActor(
    createSupervisor({
      children: [
        {
          id: 'connection',
          startTimeout: 10_000,
          shutdown: 'brutal_kill',
          backoff: { initial: 1_000, factor: 2, max: 60_000, resetAfter: 300_000 },
          // Its failures cost nobody else a restart: after ten in ten minutes it is tried again every five.
          budget: { intensity: 10, period: 600_000, retryAfter: 300_000 },
          start: (life) => run(connection, { connect, life }),
        },
        { id: 'user', shutdown: 'brutal_kill', start: () => run(user) },
      ],
      clock,
      ...options,
    }),
    { id: 'root', clock },
  )
  root.start()
  return root
}

interface Connecting extends Pick<Surroundings, 'connect'> {
  readonly life: Incarnation
}

/** An error that it is sent is one that it throws: its supervisor hears of it. */
const connection = fromCallback<{ readonly type: 'lost'; readonly why: Error }, Connecting>(
  ({ input: { connect, life }, receive, self }) => {
    receive(({ why }) => {
      throw why
    })
    // Deferred, it is closed however this life ends: XState runs nothing of an actor that has thrown.
    life.defer(
      connect(
        () => life.ready(),
        (why) => self.send({ type: 'lost', why }),
      ),
    )
  },
)

const user = fromCallback(() => () => undefined)

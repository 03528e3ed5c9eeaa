/**
 * The inference pool: load the models, serve frames, drain when told.
 *
 * A worker that hangs or dies is replaced inside the pool; when the pool itself cannot go on, it is loaded afresh here.
 */
import { and, assign, sendTo, setup, stateIn } from 'xstate'
import { counted } from '../domain/counted.ts'
import { InferenceWedgedError } from '../domain/inference-errors.ts'
import { seconds } from '../domain/units.ts'
import { type Drain, type Drained, type Explained, explainFailure, failureOf, isOperatingError } from './lifecycle.ts'
import { delay, eventsActor } from './stand-ins.ts'

/** All workers have loaded all models and run each once. */
export interface PoolReady {
  readonly type: 'pool.ready'
  readonly workers: number
}

/** A worker was given up, or has died. */
export interface WorkerRetired {
  readonly type: 'worker.retired'
  readonly why: string
}

/** A fresh worker serves in the place of one that was given up. */
export interface WorkerReplaced {
  readonly type: 'worker.replaced'
}

/** A fresh worker was not put to work: its model's file is not what the others have loaded. */
export interface WorkerRefused {
  readonly type: 'worker.refused'
  readonly why: string
}

export type PoolFact = PoolReady | WorkerRetired | WorkerReplaced | WorkerRefused
export type InferenceEvent = Drain | PoolFact

/** How serving ended: threads that hang in a task cannot be ended, and keep the process from ending in order. */
export interface PoolDrained {
  readonly wedged: number
}

export interface InferenceInput {
  /** Whether the models have been loaded in this process, if only by an earlier life. */
  readonly loadedOnce: boolean
  /** How many frames wait of cameras that lose none. */
  readonly framesOwed: () => number
}

export interface InferenceContext extends InferenceInput, Explained {
  /** Pools in a row that could not go on, and did not serve for long before. */
  readonly failures: number
  readonly wedged: number
  /** Why a worker was given up while this pool was loaded. */
  readonly givenUp: string | undefined
}

/** Frames that still wait at the end are inspected by nobody: a pool that failed has left them. */
function drainedOf({ wedged, framesOwed }: InferenceContext): Drained {
  if (wedged > 0) return { drained: false, left: `${counted(wedged, 'worker hangs', 'workers hang')} in a task` }
  const owed = framesOwed()
  if (owed === 0) return { drained: true }
  return { drained: false, left: `${counted(owed, 'frame waits', 'frames wait')} of cameras that are to lose none` }
}

export const inferenceMachine = setup({
  types: {} as { input: InferenceInput; context: InferenceContext; events: InferenceEvent; output: Drained },
  actors: {
    /** Runs the pool until told to finish; fails when it cannot go on. */
    servePool: eventsActor<PoolFact, undefined, PoolDrained>('servePool'),
  },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    noteWedged: assign({
      why: explainFailure,
      wedged: (failed) => (failureOf(failed) as InferenceWedgedError).workers,
    }),
  },
  guards: {
    isDraining: stateIn({ online: 'draining' }),
    isOperatingError,
    isWedged: (failed) => failureOf(failed) instanceof InferenceWedgedError,
    /** The first load of a process that fails, fails the start: a model that doesn't fit is the configuration's mistake, not the world's. */
    isOperatingErrorOnceLoaded: ({ context, event }) => context.loadedOnce && isOperatingError({ event }),
  },
  delays: {
    reloadDelay: delay('reloadDelay'),
    /** A pool that has served so long is not put down to the failures before it. */
    steady: seconds(30),
  },
}).createMachine({
  id: 'inference',
  context: ({ input }) => ({ ...input, why: 'started', failures: 0, wedged: 0, givenUp: undefined }),
  output: ({ context }) => drainedOf(context),
  initial: 'online',
  states: {
    online: {
      description: 'Workers are loading models or serve frames.',
      initial: 'loading',
      invoke: {
        id: 'pool',
        src: 'servePool',
        onDone: {
          target: 'stopped',
          actions: assign({ wedged: ({ event }) => event.output.wedged, why: 'nothing is left to inspect' }),
        },
        onError: [
          {
            guard: and(['isDraining', 'isWedged']),
            target: 'stopped',
            actions: 'noteWedged',
          },
          {
            guard: 'isWedged',
            target: 'wedged',
            actions: 'noteWedged',
          },
          {
            guard: and(['isDraining', 'isOperatingError']),
            target: 'stopped',
            actions: assign({ why: explainFailure }),
          },
          {
            guard: 'isOperatingErrorOnceLoaded',
            target: 'backingOff',
            actions: ['countFailure', assign({ why: explainFailure })],
          },
        ],
      },
      states: {
        loading: {
          description: 'Workers load the models and run each once.',
          entry: assign({ givenUp: undefined }),
          on: {
            drain: 'draining',
            'worker.retired': { actions: assign({ why: ({ event }) => event.why, givenUp: ({ event }) => event.why }) },
            'pool.ready': {
              target: 'serving',
              actions: assign({
                loadedOnce: true,
                why: ({ context, event }) =>
                  [
                    counted(event.workers, 'worker has loaded its models', 'workers have loaded their models'),
                    ...(context.givenUp === undefined ? [] : [context.givenUp]),
                  ].join('; '),
              }),
            },
          },
        },
        serving: {
          description: 'Frames are inspected as they come.',
          tags: 'ready',
          on: {
            drain: 'draining',
            'worker.retired': { actions: assign({ why: ({ event }) => event.why }) },
            'worker.refused': { actions: assign({ why: ({ event }) => event.why }) },
            'worker.replaced': { actions: assign({ why: 'a fresh worker has taken the place of one given up' }) },
          },
          after: { steady: { actions: assign({ failures: 0 }) } },
        },
        draining: {
          description: 'Inspects the frames that wait, then ends its workers.',
          entry: [assign({ why: 'asked to drain' }), sendTo('pool', { type: 'finish' })],
        },
      },
    },
    backingOff: {
      description: 'The pool could not go on; it is loaded afresh after a wait.',
      tags: 'ready',
      on: { drain: 'stopped' },
      after: { reloadDelay: 'online' },
    },
    wedged: {
      description: 'Too many workers hang; only ending the process frees them.',
      tags: 'ready',
      on: { drain: 'stopped' },
    },
    stopped: { type: 'final', description: 'Ended; holds nothing, or only threads that hang.' },
  },
})

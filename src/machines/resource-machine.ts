/**
 * A slot that holds one thing open for those that start after it: the log, the manifest.
 *
 * What it fails with, when it is opened first or while it is open, fails the actor: without it nothing can work, and the supervisor
 * decides. What an earlier life had open may be away for a while, and is opened again after a wait.
 */
import { and, assign, setup } from 'xstate'
import { type Drain, type Drained, type Explained, explainFailure, isOperatingError } from './lifecycle.ts'
import { delay, promiseActor } from './stand-ins.ts'

export interface ResourceInput {
  /** Whether it has been open in this process, by an earlier life. */
  readonly openedOnce: boolean
}

export interface ResourceContext extends ResourceInput, Explained {
  readonly drainAsked: boolean
  /** Openings in a row that failed. */
  readonly failures: number
}

export const resourceMachine = setup({
  types: {} as { input: ResourceInput; context: ResourceContext; events: Drain; output: Drained; tags: 'ready' },
  actors: {
    /** Opens the thing; its output says in words what was opened. Where it fails as the world may, nothing is left open. */
    openResource: promiseActor<string>('openResource'),
    /** Fails when the open thing turns out to be broken; never resolves. */
    resourceBroken: promiseActor<never>('resourceBroken'),
    /** Resolves once nothing of it is left. */
    closeResource: promiseActor<void>('closeResource'),
  },
  guards: {
    drainAsked: ({ context }) => context.drainAsked,
    /** The first opening of a process that fails, fails the start: then it is the configuration that is wrong, or the disk. */
    isOperatingErrorOnceOpened: ({ context, event }) => context.openedOnce && isOperatingError({ event }),
  },
  delays: { reopenDelay: delay('reopenDelay') },
}).createMachine({
  id: 'resource',
  context: ({ input }) => ({ ...input, why: 'started', drainAsked: false, failures: 0 }),
  output: { drained: true },
  initial: 'opening',
  states: {
    opening: {
      description: 'Is being opened.',
      // What has begun to open is closed only once it is open; a half-open file would be left behind.
      on: { drain: { actions: assign({ drainAsked: true, why: 'asked to drain while opening' }) } },
      invoke: {
        src: 'openResource',
        onDone: [
          { guard: 'drainAsked', target: 'closing' },
          { target: 'open', actions: assign({ why: ({ event }) => event.output }) },
        ],
        onError: [
          {
            guard: and(['drainAsked', 'isOperatingErrorOnceOpened']),
            target: 'stopped',
            actions: assign({ why: explainFailure }),
          },
          {
            guard: 'isOperatingErrorOnceOpened',
            target: 'backingOff',
            actions: assign({ why: explainFailure, failures: ({ context }) => context.failures + 1 }),
          },
        ],
      },
    },
    backingOff: {
      // Not ready on purpose: those that need it wait for it.
      description: 'Could not be opened again; is tried anew after a wait.',
      on: { drain: { target: 'stopped', actions: assign({ why: 'asked to drain' }) } },
      after: { reopenDelay: 'opening' },
    },
    open: {
      description: 'Is open, for those that start after it.',
      tags: 'ready',
      // Without a transition on purpose: its failure is this actor's.
      invoke: { src: 'resourceBroken' },
      on: { drain: { target: 'closing', actions: assign({ why: 'asked to drain' }) } },
    },
    closing: {
      description: 'Is being closed.',
      invoke: { src: 'closeResource', onDone: 'stopped' },
    },
    stopped: { type: 'final', description: 'Is closed.' },
  },
})

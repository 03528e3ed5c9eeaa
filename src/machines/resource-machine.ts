/**
 * A slot that holds one thing open for those that start after it: the log, the manifest.
 *
 * What it fails with, on opening or while it is open, fails the actor: without it nothing can work, and the supervisor decides.
 */
import { assign, setup } from 'xstate'
import type { Drain, Drained, Explained } from './lifecycle.ts'
import { promiseActor } from './stand-ins.ts'

export interface ResourceContext extends Explained {
  readonly drainAsked: boolean
}

export const resourceMachine = setup({
  types: {} as { context: ResourceContext; events: Drain; output: Drained; tags: 'ready' },
  actors: {
    /** Opens the thing; its output says in words what was opened. */
    openResource: promiseActor<string>('openResource'),
    /** Fails when the open thing turns out to be broken; never resolves. */
    resourceBroken: promiseActor<never>('resourceBroken'),
    /** Resolves once nothing of it is left. */
    closeResource: promiseActor<void>('closeResource'),
  },
  guards: { drainAsked: ({ context }) => context.drainAsked },
}).createMachine({
  id: 'resource',
  context: { why: 'started', drainAsked: false },
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
      },
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

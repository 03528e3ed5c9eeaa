/**
 * The inspector's server: bind, listen, try again when the address cannot be had, drain when told.
 *
 * A daemon whose page cannot be served goes on working: it counts as ready while it waits to bind again.
 */
import { and, assign, sendTo, setup, stateIn } from 'xstate'
import { type Drain, type Drained, type Explained, explainFailure, isOperatingError } from './lifecycle.ts'
import { delay, eventsActor } from './stand-ins.ts'

export interface HttpListening {
  readonly type: 'http.listening'
  readonly url: string
}

export type InspectorEvent = Drain | HttpListening

export interface InspectorContext extends Explained {
  readonly failures: number
}

export const inspectorMachine = setup({
  types: {} as { context: InspectorContext; events: InspectorEvent; output: Drained; tags: 'ready' },
  actors: {
    /** Binds, says `http.listening`, serves until told to finish; fails when it cannot bind. */
    serveHttp: eventsActor<HttpListening, undefined, undefined>('serveHttp'),
  },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    finishServing: sendTo('http', { type: 'finish' }),
  },
  guards: { isOperatingError, isDraining: stateIn({ online: 'draining' }) },
  delays: { rebindDelay: delay('rebindDelay') },
}).createMachine({
  id: 'inspector',
  context: { why: 'started', failures: 0 },
  output: { drained: true },
  initial: 'online',
  states: {
    online: {
      description: 'Serves, or is about to.',
      initial: 'binding',
      invoke: {
        id: 'http',
        src: 'serveHttp',
        onDone: 'stopped',
        onError: [
          {
            guard: and(['isDraining', 'isOperatingError']),
            target: 'stopped',
            actions: assign({ why: explainFailure }),
          },
          {
            guard: 'isOperatingError',
            target: 'backingOff',
            actions: ['countFailure', assign({ why: explainFailure })],
          },
        ],
      },
      states: {
        binding: {
          description: 'Takes its address.',
          on: {
            drain: 'draining',
            'http.listening': {
              target: 'listening',
              actions: assign({ failures: 0, why: ({ event }) => `listens at ${event.url}` }),
            },
          },
        },
        listening: {
          description: 'Serves the page, the figures and the live feed.',
          tags: 'ready',
          on: { drain: 'draining' },
        },
        draining: {
          description: 'Says good-bye to its clients and closes.',
          entry: [assign({ why: 'asked to drain' }), 'finishServing'],
        },
      },
    },
    backingOff: {
      description: 'Its address cannot be had; tries again after a wait, and the daemon goes on.',
      tags: 'ready',
      on: { drain: 'stopped' },
      after: { rebindDelay: 'online' },
    },
    stopped: { type: 'final', description: 'Ended; holds no socket.' },
  },
})

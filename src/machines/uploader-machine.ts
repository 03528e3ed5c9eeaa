/**
 * The uploader: connect to the server, deliver what is due, back off when it is away, pause when it refuses us or is full,
 * drain when told.
 *
 * The queue is the manifest's table; a file that fails is tried again there, by its own schedule.
 */
import { and, assign, or, sendTo, setup, stateIn } from 'xstate'
import {
  RemoteFullError,
  SftpAuthenticationError,
  SftpCredentialsError,
  SftpHostKeyError,
} from '../domain/delivery-errors.ts'
import { seconds } from '../domain/units.ts'
import { type Drain, type Drained, type Explained, explainFailure, failureOf, isOperatingError } from './lifecycle.ts'
import { delay, eventsActor } from './stand-ins.ts'

export type DeliveryFact =
  | { readonly type: 'session.opened' }
  | { readonly type: 'file.claimed'; readonly path: string }
  | { readonly type: 'file.released'; readonly path: string; readonly why: string }
  | { readonly type: 'file.delivered'; readonly path: string }
  /** `again`: it is due again. */
  | { readonly type: 'file.failed'; readonly path: string; readonly why: string; readonly again: boolean }
  | { readonly type: 'file.conflict'; readonly path: string; readonly why: string }
  | { readonly type: 'file.deadLetter'; readonly path: string; readonly why: string }
  | { readonly type: 'file.removed'; readonly path: string }
  | { readonly type: 'removal.failed'; readonly path: string; readonly why: string }

export type UploaderEvent = Drain | DeliveryFact

export interface UploaderInput {
  /** `user@host:port`, for people. */
  readonly server: string
}

export interface UploaderContext extends UploaderInput, Explained {
  /** Connections in a row that failed, or were lost before anything had arrived and before they were steady. */
  readonly failures: number
  /** The server was full, and nothing has arrived since: the bytes that a file needs. 0: it was not. */
  readonly roomFor: number
  /** Tries in a row that failed, and are made again: nothing arrived meanwhile, and nothing was set aside. From 10 on it counts no more. */
  readonly vainTries: number
}

export interface DeliveryInput {
  /** The server had no room for a file of so many bytes; 0: it had. */
  readonly roomFor: number
}

/** What only a person can mend: on the server, or in our configuration. */
const refusals = [SftpHostKeyError, SftpAuthenticationError, SftpCredentialsError]

/** From so many on a server that takes nothing is told from files that fail. */
const manyVainTries = 10

const connected = ({ context }: { readonly context: UploaderContext }): string => `connected to ${context.server}`

export const uploaderMachine = setup({
  types: {} as {
    input: UploaderInput
    context: UploaderContext
    events: UploaderEvent
    output: Drained
    tags: 'ready'
  },
  actors: {
    /** Connects, says `session.opened`, delivers what is due until told to finish; fails when the connection does. */
    deliverDue: eventsActor<DeliveryFact, DeliveryInput, { left: number }>('deliverDue'),
  },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    finishDelivery: sendTo('delivery', { type: 'finish' }),
    /** It takes files: it is neither away nor full. */
    forgetFailures: assign({ failures: 0, roomFor: 0, vainTries: 0, why: connected }),
    countTry: assign({
      vainTries: ({ context, event }) =>
        event.type === 'file.failed' && event.again ? Math.min(context.vainTries + 1, manyVainTries) : 0,
    }),
    noteWhatIsNeeded: assign({
      roomFor: ({ context, event }) => {
        const failure = failureOf({ event })
        return failure instanceof RemoteFullError ? failure.neededBytes : context.roomFor
      },
    }),
    explainFact: assign({ why: ({ context, event }) => ('why' in event ? event.why : context.why) }),
    explainDrain: assign({ why: 'asked to drain' }),
  },
  guards: {
    isOperatingError,
    isDraining: or([stateIn({ online: 'draining' }), stateIn({ online: 'drainingUnconnected' })]),
    hasFailed: ({ context }) => context.failures > 0,
    isFull: (failed) => failureOf(failed) instanceof RemoteFullError,
    isTriedAgain: ({ event }) => event.type === 'file.failed' && event.again,
    failsOnAndOn: ({ context, event }) =>
      event.type === 'file.failed' && event.again && context.vainTries + 1 >= manyVainTries,
    isRefusal: (failed) => refusals.some((refusal) => failureOf(failed) instanceof refusal),
  },
  delays: {
    reconnectDelay: delay('reconnectDelay'),
    probeDelay: delay('probeDelay'),
    /** A session that has lasted so long is not put down to the failures before it. */
    steady: seconds(30),
    /** For a first connection that is still being made when a drain is asked for. */
    connectGrace: seconds(2),
  },
}).createMachine({
  id: 'uploader',
  context: ({ input }) => ({ ...input, why: 'started', failures: 0, roomFor: 0, vainTries: 0 }),
  // Files that wait in the manifest are not cut off: the next start delivers them.
  output: { drained: true },
  initial: 'online',
  states: {
    online: {
      description: 'Has a connection, or is making one.',
      tags: 'ready',
      initial: 'connecting',
      invoke: {
        id: 'delivery',
        src: 'deliverDue',
        input: ({ context }) => ({ roomFor: context.roomFor }),
        onDone: { target: 'stopped', actions: assign({ why: 'nothing is due' }) },
        onError: [
          {
            guard: and(['isDraining', 'isOperatingError']),
            target: 'stopped',
            actions: assign({ why: explainFailure }),
          },
          {
            guard: 'isRefusal',
            target: 'refused',
            actions: ['countFailure', assign({ why: explainFailure })],
          },
          {
            guard: 'isFull',
            target: 'full',
            actions: ['noteWhatIsNeeded', assign({ why: explainFailure })],
          },
          {
            guard: 'isOperatingError',
            target: 'backingOff',
            actions: ['countFailure', assign({ why: explainFailure })],
          },
        ],
      },
      states: {
        connecting: {
          description: 'Connects and compares the host key.',
          on: {
            // An unreachable server ends the drain at once; one that has not failed yet has a moment to show that it is there.
            drain: [
              { guard: 'hasFailed', target: '#uploader.stopped', actions: 'explainDrain' },
              { target: 'drainingUnconnected', actions: ['explainDrain', 'finishDelivery'] },
            ],
            'session.opened': { target: 'session', actions: assign({ why: connected }) },
          },
        },
        session: {
          description: 'Has a session.',
          initial: 'delivering',
          on: {
            drain: 'draining',
            'removal.failed': { actions: 'explainFact' },
          },
          after: { steady: { actions: assign({ failures: 0 }) } },
          states: {
            delivering: {
              description: 'Delivers files as they become due.',
              on: {
                'file.delivered': { actions: 'forgetFailures' },
                'file.failed': [
                  { guard: 'failsOnAndOn', target: 'failing', actions: ['explainFact', 'countTry'] },
                  { actions: ['explainFact', 'countTry'] },
                ],
                'file.conflict': { actions: ['explainFact', 'countTry'] },
                'file.deadLetter': { actions: ['explainFact', 'countTry'] },
              },
            },
            failing: {
              description: 'Has a connection, and one try after the other fails; files wait, and each is tried again.',
              on: {
                'file.delivered': { target: 'delivering', actions: 'forgetFailures' },
                'file.failed': [
                  { guard: 'isTriedAgain', actions: 'explainFact' },
                  { target: 'delivering', actions: ['explainFact', 'countTry'] },
                ],
                'file.conflict': { target: 'delivering', actions: ['explainFact', 'countTry'] },
                'file.deadLetter': { target: 'delivering', actions: ['explainFact', 'countTry'] },
              },
            },
          },
        },
        drainingUnconnected: {
          description: 'Was told to drain while connecting for the first time; has a moment to get there.',
          on: { 'session.opened': 'draining' },
          after: {
            connectGrace: {
              target: '#uploader.stopped',
              actions: assign({ why: 'asked to drain, and the server has not answered yet' }),
            },
          },
        },
        draining: {
          description: 'Delivers what is due, then ends; what is not due yet stays in the manifest.',
          entry: ['explainDrain', 'finishDelivery'],
        },
      },
    },
    backingOff: {
      description: 'The server cannot be reached; files wait in the manifest.',
      tags: 'ready',
      on: { drain: { target: 'stopped', actions: 'explainDrain' } },
      after: { reconnectDelay: 'online' },
    },
    refused: {
      description:
        'The server is not the pinned one, or refuses us; nothing is sent, and it is asked again now and then.',
      tags: 'ready',
      on: { drain: { target: 'stopped', actions: 'explainDrain' } },
      after: { probeDelay: 'online' },
    },
    full: {
      description: 'The server has no room; nothing is sent, no try is counted, and it is asked again now and then.',
      tags: 'ready',
      on: { drain: { target: 'stopped', actions: 'explainDrain' } },
      after: { probeDelay: 'online' },
    },
    stopped: { type: 'final', description: 'Ended; undelivered files are in the manifest.' },
  },
})

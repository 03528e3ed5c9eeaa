/**
 * One camera: connect, stream, back off when the stream is lost, pause when an operator says so, drain when told.
 *
 * A lost camera is ordinary and is a state here. A bug is not: it fails this actor, and the supervisor decides.
 */
import { assign, setup } from 'xstate'
import type { CameraId } from '../domain/ids.ts'
import { type Milliseconds, seconds } from '../domain/units.ts'
import { type Drain, type Drained, type Explained, explainFailure, isOperatingError } from './lifecycle.ts'
import { delay, eventsActor, promiseActor } from './stand-ins.ts'

/** Told by the stream when its first picture is in. */
export interface StreamBegan {
  readonly type: 'stream.began'
  /** Frames a second that were announced, less those that are skipped; `undefined` where the source doesn't say. */
  readonly rate: number | undefined
  /** For people: what it was asked for and what it gives, where these differ. */
  readonly remark?: string | undefined
}

/** An operator's. */
export type CameraCommand = { readonly type: 'camera.pause' } | { readonly type: 'camera.resume' }

/** Told by the watch when the stream has become worse or better. */
export type StreamJudged = Judged<'fresh'> | Judged<'stale'> | Judged<'frozen'> | Judged<'degraded'>

interface Judged<As extends string> {
  readonly type: `stream.${As}`
  readonly why: string
}

export type CameraEvent = Drain | StreamBegan | StreamJudged | CameraCommand

export interface CameraInput {
  readonly cameraId: CameraId
  /** A connection that has brought no picture by then is given up. */
  readonly connectTimeout: Milliseconds
  /** What the decoder said when it failed last, in the connection there is; `undefined` if it has not failed. */
  readonly lastFault: () => string | undefined
  /** Of a recording, how much could not be decoded so far, in the connection there is: begun again, it would fail at the same. */
  readonly undecodable?: () => number
  /** What an engineer would try where no picture comes, in a sentence without its full stop. */
  readonly noPictureAdvice: string
}

export interface CameraContext extends CameraInput, Explained {
  /** Where on the ladder the next wait stands: 0 for a stream that had been steady, then up by one a failure. */
  readonly rung: number
  readonly rate: number | undefined
  /** Of the connection there is: what it was asked for and what it gives. */
  readonly remark: string | undefined
  /** What could not be decoded when the first picture was last waited for in vain. */
  readonly undecoded: number
}

/** A stream that has lasted this long is steady: its loss is tried again at once. */
export const steadyAfter = seconds(30)

/** For people. */
function noPicture({ cameraId, connectTimeout, lastFault, noPictureAdvice }: CameraInput): string {
  const fault = lastFault()
  const said = fault === undefined ? '' : `; the decoder said last: ${fault}`
  return `Camera ${cameraId} has sent no picture within ${connectTimeout / 1000} s${said}. ${noPictureAdvice}`
}

const withRemark = (why: string, remark: string | undefined): string =>
  remark === undefined ? why : `${why}. ${remark}`

export const cameraMachine = setup({
  types: {} as { input: CameraInput; context: CameraContext; events: CameraEvent; output: Drained },
  actors: {
    /** Connects, says `stream.began`, and ends only with a finished file, in words for people; it fails when the stream is lost. */
    frameStream: eventsActor<StreamBegan, undefined, string>('frameStream'),
    /** Says how a stream that has begun is doing, and fails when it is silent for too long or cannot be decoded. */
    frameWatch: eventsActor<StreamJudged, { rate: number | undefined; failures: number }, never>('frameWatch'),
    /** Resolves when nothing of the stream is left: no process, no thread. */
    streamReleased: promiseActor<void>('streamReleased'),
  },
  actions: {
    countFailure: assign({ rung: ({ context }) => context.rung + 1 }),
    startLadderAnew: assign({ rung: -1 }),
    noteUndecoded: assign({ undecoded: ({ context }) => context.undecodable?.() ?? 0 }),
    noteJudgement: assign({
      why: ({ context, event }) => {
        if (event.type === 'stream.fresh') return withRemark(event.why, context.remark)
        return 'why' in event ? event.why : context.why
      },
    }),
  },
  guards: {
    isOperatingError,
    /** A recording goes by, and its decoder fails at it. */
    isReadOn: ({ context }) => (context.undecodable?.() ?? 0) > context.undecoded,
  },
  delays: {
    connectTimeout: ({ context }) => context.connectTimeout,
    steadyAfter,
    /** Within 1 s on rung 0; then 5 s doubling to 30 s. Jittered. */
    reconnectDelay: delay('reconnectDelay'),
  },
}).createMachine({
  id: 'camera',
  context: ({ input }) => ({ ...input, rung: 0, rate: undefined, remark: undefined, undecoded: 0, why: 'started' }),
  output: { drained: true },
  initial: 'online',
  on: { drain: { target: '.draining', actions: assign({ why: 'asked to drain' }) } },
  states: {
    online: {
      description: 'Has a connection, or is making one.',
      initial: 'connecting',
      entry: assign({ undecoded: 0 }),
      on: { 'camera.pause': 'paused' },
      invoke: {
        id: 'frameStream',
        src: 'frameStream',
        onDone: { target: 'finished', actions: assign({ why: ({ event }) => event.output }) },
        onError: {
          guard: 'isOperatingError',
          target: 'backingOff',
          actions: ['countFailure', assign({ why: explainFailure })],
        },
      },
      states: {
        connecting: {
          description: 'Waits for the first picture.',
          on: {
            'stream.began': {
              target: 'open',
              actions: assign(({ event: { rate, remark } }) => ({
                rate,
                remark,
                why: withRemark('pictures arrive', remark),
              })),
            },
          },
          after: {
            connectTimeout: [
              { guard: 'isReadOn', target: 'connecting', reenter: true, actions: 'noteUndecoded' },
              {
                target: '#camera.backingOff',
                actions: ['countFailure', assign({ why: ({ context }) => noPicture(context) })],
              },
            ],
          },
        },
        open: {
          description: 'Has a stream that is watched.',
          initial: 'streaming',
          invoke: {
            id: 'frameWatch',
            src: 'frameWatch',
            input: ({ context }) => ({ rate: context.rate, failures: Math.max(0, context.rung) }),
            onError: {
              guard: 'isOperatingError',
              target: '#camera.backingOff',
              actions: ['countFailure', assign({ why: explainFailure })],
            },
          },
          after: { steadyAfter: { actions: 'startLadderAnew' } },
          on: {
            'stream.fresh': { target: '.streaming', actions: 'noteJudgement' },
            'stream.stale': { target: '.stale', actions: 'noteJudgement' },
            'stream.frozen': { target: '.frozen', actions: 'noteJudgement' },
            'stream.degraded': { target: '.degraded', actions: 'noteJudgement' },
          },
          states: {
            streaming: { description: 'Pictures arrive, are new, and are inspected.' },
            stale: { description: 'No picture has come for some time; the stream is not lost yet.' },
            frozen: { description: 'Pictures arrive, and all are the same.' },
            degraded: {
              description: 'Fewer than half of the expected pictures arrive, or more than a tenth are damaged.',
            },
          },
        },
      },
    },
    backingOff: {
      description: 'The stream is lost or could not be had; waits, then connects again, for ever.',
      on: { 'camera.pause': 'paused' },
      after: { reconnectDelay: 'online' },
    },
    paused: {
      description: 'An operator has paused it; holds no stream until it is resumed or started afresh.',
      entry: assign({ why: 'paused by an operator', rung: 0 }),
      on: { 'camera.resume': { target: 'online', actions: assign({ why: 'resumed by an operator' }) } },
    },
    finished: { description: 'The file has been read to its end; nothing is left to do.' },
    draining: {
      description: 'Lets go of the stream and waits until nothing of it is left.',
      on: { drain: {} },
      invoke: { src: 'streamReleased', onDone: 'stopped' },
    },
    stopped: { type: 'final', description: 'Ended; holds nothing.' },
  },
})

/**
 * The one CSV writer: mend what a crash left, write, wait for room when the disk is full, drain when told.
 *
 * Rows are taken from the writer's queue by its actor; this machine hears only facts.
 */
import { and, assign, sendTo, setup, stateIn } from 'xstate'
import { type Drain, type Drained, type Explained, explainFailure, isOperatingError } from './lifecycle.ts'
import { delay, eventsActor, promiseActor } from './stand-ins.ts'

export type WriterFact =
  | { readonly type: 'file.sealed'; readonly path: string; readonly rows: number }
  | { readonly type: 'writer.blocked'; readonly why: string }
  | { readonly type: 'writer.resumed' }
  | { readonly type: 'file.archived'; readonly path: string; readonly into: string }
  | { readonly type: 'file.packed'; readonly path: string; readonly files: number }
  | { readonly type: 'file.refused'; readonly path: string; readonly why: string }
  | { readonly type: 'file.unpackable'; readonly path: string; readonly why: string }
  | { readonly type: 'file.adopted'; readonly path: string; readonly rows: number }
  | { readonly type: 'file.unreadable'; readonly path: string; readonly why: string }
  | { readonly type: 'disk.low'; readonly why: string }
  | { readonly type: 'disk.enough'; readonly why: string }
  | { readonly type: 'request.failed'; readonly why: string }

export type CsvWriterEvent = Drain | WriterFact

/** What the start scan found, in words. */
export interface Scanned {
  readonly summary: string
}

export interface CsvWriterInput {
  /** Whether an earlier life has left requests in the queue: a drain writes them first. */
  readonly mayHoldRequests: boolean
}

export interface CsvWriterContext extends CsvWriterInput, Explained {
  readonly failures: number
  readonly drainAsked: boolean
  /** What stands in its way now, in words. */
  readonly stands: string | undefined
  /** What became of rows or files since something has stood in its way: the reason once nothing does. */
  readonly meanwhile: string | undefined
  /** How writing ended. */
  readonly ended: Drained
}

const factWords = (event: CsvWriterEvent): string => {
  if (event.type === 'file.adopted') return `${event.path} is handed over now`
  return 'why' in event ? event.why : ''
}

export const csvWriterMachine = setup({
  types: {} as {
    input: CsvWriterInput
    context: CsvWriterContext
    events: CsvWriterEvent
    output: Drained
    tags: 'ready'
  },
  actors: {
    /** Mends torn tails, seals what was open, takes in sealed files that the manifest doesn't know. */
    scanFolders: promiseActor<Scanned>('scanFolders'),
    /** Writes until told to finish, then seals everything; its output says what it could not write. */
    writeRows: eventsActor<WriterFact, undefined, Drained>('writeRows'),
  },
  actions: {
    countFailure: assign({ failures: ({ context }) => context.failures + 1 }),
    finishWriting: sendTo('rows', { type: 'finish' }),
    noteDrain: assign({ drainAsked: true, why: 'asked to drain' }),
    /** What stands in its way stays said: it is what a stop fails of. */
    noteDrainInVain: assign({ drainAsked: true, why: ({ context }) => `asked to drain, while ${context.why}` }),
    noteBlocked: assign(({ event }) => (event.type === 'writer.blocked' ? { stands: event.why, why: event.why } : {})),
    noteResumed: assign(({ context }) => ({
      stands: undefined,
      meanwhile: undefined,
      why: context.meanwhile ?? 'nothing stands in its way any more',
    })),
    /** It hides nothing that stands in the way of others. */
    noteMeanwhile: assign(({ context: { stands }, event }) => {
      const fact = factWords(event)
      return stands === undefined ? { why: fact } : { meanwhile: fact, why: `${stands}; ${fact}` }
    }),
    noteLeft: assign({
      why: explainFailure,
      ended: ({ event }) => ({ drained: false, left: explainFailure({ event }) }) as const,
    }),
  },
  guards: {
    isOperatingError,
    drainAsked: ({ context }) => context.drainAsked,
    mayHoldRequests: ({ context }) => context.mayHoldRequests,
    isDraining: stateIn({ online: 'draining' }),
  },
  delays: { retryDelay: delay('retryDelay') },
}).createMachine({
  id: 'csv-writer',
  context: ({ input }) => ({
    ...input,
    why: 'started',
    failures: 0,
    drainAsked: false,
    stands: undefined,
    meanwhile: undefined,
    ended: { drained: true },
  }),
  output: ({ context }) => context.ended,
  initial: 'scanning',
  states: {
    scanning: {
      description: 'Mends and takes in what an earlier run left in the data folder.',
      on: {
        drain: [
          { guard: 'mayHoldRequests', actions: 'noteDrain' },
          { target: 'stopped', actions: 'noteDrain' },
        ],
      },
      invoke: {
        id: 'scan',
        src: 'scanFolders',
        onDone: [
          { guard: 'drainAsked', target: 'online.draining' },
          { target: 'online', actions: assign({ failures: 0, why: ({ event }) => event.output.summary }) },
        ],
        onError: [
          { guard: and(['drainAsked', 'isOperatingError']), target: 'stopped', actions: 'noteLeft' },
          {
            guard: 'isOperatingError',
            target: 'backingOff',
            actions: ['countFailure', assign({ why: explainFailure })],
          },
        ],
      },
    },
    online: {
      description: 'Has its files open.',
      tags: 'ready',
      initial: 'writing',
      entry: assign({ mayHoldRequests: true, stands: undefined, meanwhile: undefined }),
      on: {
        'request.failed': { actions: 'noteMeanwhile' },
        'file.adopted': { actions: 'noteMeanwhile' },
        'file.unreadable': { actions: 'noteMeanwhile' },
      },
      invoke: {
        id: 'rows',
        src: 'writeRows',
        onDone: { target: 'stopped', actions: assign({ ended: ({ event }) => event.output }) },
        onError: [
          { guard: and(['isDraining', 'isOperatingError']), target: 'stopped', actions: 'noteLeft' },
          {
            guard: 'isOperatingError',
            target: 'backingOff',
            actions: ['countFailure', assign({ why: explainFailure })],
          },
        ],
      },
      states: {
        writing: {
          description: 'Writes rows as they come and seals files as they fill.',
          on: {
            drain: { target: 'draining', actions: 'noteDrain' },
            'writer.blocked': { target: 'blocked', actions: 'noteBlocked' },
            'disk.low': { actions: assign({ why: ({ event }) => event.why }) },
            'disk.enough': { actions: assign({ why: ({ event }) => event.why }) },
          },
        },
        blocked: {
          description:
            'Something cannot be written, sealed or packed. Its rows wait in the queue, what does not fit in it is refused and counted.',
          on: {
            drain: { target: 'draining', actions: 'noteDrainInVain' },
            'writer.blocked': { actions: 'noteBlocked' },
            'writer.resumed': { target: 'writing', actions: 'noteResumed' },
          },
        },
        draining: {
          description: 'Writes what is queued and seals every file.',
          entry: 'finishWriting',
          on: {
            'writer.blocked': { actions: 'noteBlocked' },
            'writer.resumed': { actions: 'noteResumed' },
          },
        },
      },
    },
    backingOff: {
      description: 'The data folder could not be used; it is scanned again after a wait.',
      // What waits in the queue is worth one more try.
      on: {
        drain: [
          { guard: 'mayHoldRequests', target: 'scanning', actions: 'noteDrain' },
          { target: 'stopped', actions: 'noteDrain' },
        ],
      },
      after: { retryDelay: 'scanning' },
    },
    stopped: { type: 'final', description: 'Ended; every file it could seal is sealed.' },
  },
})

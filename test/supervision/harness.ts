import { type AnyActorRef, assign, createActor, emit, type EventObject, fromCallback, setup } from 'xstate'
import type { RunningActors } from '../../src/supervision/actor-system.ts'
import { watchSystem } from '../../src/supervision/actor-system.ts'
import {
  type ChildSpec,
  createSupervisor,
  type Incarnation,
  type Report,
  run,
  type SupervisorOptions,
} from '../../src/supervision/index.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** What a test's child can be told from outside, by the child's id. */
export interface Puppet {
  readonly incarnation: Incarnation
  /** Ends it with an error. */
  readonly crash: (error?: Error) => void
  /** Ends it with an output. */
  readonly finish: (output?: unknown) => void
  readonly ready: () => void
  readonly progress: () => void
}

type Behaviour = 'drains at once' | 'drains when told' | 'never drains'

export interface PuppetOptions extends Omit<Partial<ChildSpec>, 'id' | 'start'> {
  readonly onDrain?: Behaviour
  /** What its start throws: one error a start, then none. */
  readonly failures?: Error[]
  readonly prepare?: (incarnation: Incarnation) => void
}

/** A stage: one supervisor over puppets, on a virtual clock. `log` reads as what happened, in order. */
export class Stage {
  readonly clock = new VirtualClock()
  readonly log: string[] = []
  readonly reports: Report[] = []
  readonly puppets = new Map<string, Puppet>()
  readonly actors: RunningActors
  readonly supervisor

  constructor(options: SupervisorOptions) {
    const logic = createSupervisor({
      clock: this.clock,
      onReport: (report) => this.reports.push(report),
      ...options,
    })
    this.supervisor = createActor(logic, { id: 'root', clock: this.clock })
    this.actors = watchSystem((this.supervisor as AnyActorRef).system)
  }

  start(): this {
    this.supervisor.start()
    return this
  }

  get snapshot() {
    return this.supervisor.getSnapshot()
  }

  puppet(id: string): Puppet {
    const puppet = this.puppets.get(id)
    if (puppet === undefined) throw new Error(`${id} has never been started`)
    return puppet
  }

  /** id → state, in start order. */
  get states(): Record<string, string> {
    return Object.fromEntries(this.snapshot.children.map((child) => [child.id, child.state]))
  }

  get epochs(): Record<string, number> {
    return Object.fromEntries(this.snapshot.children.map((child) => [child.id, child.epoch]))
  }

  /** The decisions so far, as `id: decision`. */
  get decisions(): string[] {
    return this.reports.map(({ path, decision }) => `${path.split('/').at(-1)}: ${decision}`)
  }

  /** The log since it was last taken. */
  take(): string[] {
    return this.log.splice(0)
  }

  /** Nothing runs, and nobody waits for the clock. */
  get leftovers(): { readonly actors: number; readonly timers: number } {
    return { actors: this.actors.count, timers: this.clock.pending }
  }
}

/** A child that does what the test says, and logs what happens to it. */
export function puppet(stage: () => Stage, id: string, options: PuppetOptions = {}): ChildSpec {
  const { onDrain = 'drains at once', failures = [], prepare, ...rules } = options
  return {
    id,
    ...rules,
    start: (incarnation) => {
      const { log, puppets } = stage()
      const failure = failures.shift()
      if (failure !== undefined) {
        log.push(`${id} fails to start`)
        throw failure
      }
      log.push(`${id} starts`)
      prepare?.(incarnation)
      return run(puppetMachine, {
        begin: (controls) => puppets.set(id, { incarnation, ...controls }),
        heard: (event) => log.push(`${id} hears ${event}`),
        gone: () => log.push(`${id} is gone`),
        onDrain,
      })
    },
  }
}

interface PuppetInput {
  readonly begin: (controls: Omit<Puppet, 'incarnation'>) => void
  readonly heard: (event: string) => void
  readonly gone: () => void
  readonly onDrain: Behaviour
}

type PuppetEvent =
  | { readonly type: 'drain'; readonly within?: number }
  | { readonly type: 'puppet.crash'; readonly error: Error }
  | { readonly type: 'puppet.finish'; readonly output: unknown }
  | { readonly type: 'puppet.ready' }
  | { readonly type: 'puppet.progress' }

const puppetMachine = setup({
  types: {} as {
    input: PuppetInput
    context: { readonly input: PuppetInput; readonly output: unknown }
    events: PuppetEvent
    emitted: { type: 'progress' }
    output: unknown
  },
  // Its cleanup is the proof that nothing of the puppet runs on.
  actors: {
    presence: fromCallback<EventObject, PuppetInput>(
      ({ input }) =>
        () =>
          input.gone(),
    ),
  },
  actions: {
    begin: ({ context, self }) =>
      context.input.begin({
        crash: (error = new Error('boom')) => self.send({ type: 'puppet.crash', error }),
        finish: (output) => self.send({ type: 'puppet.finish', output }),
        ready: () => self.send({ type: 'puppet.ready' }),
        progress: () => self.send({ type: 'puppet.progress' }),
      }),
    hear: ({ context, event }) => context.input.heard(event.type),
    crash: (_, { error }: { error: Error }) => {
      throw error
    },
  },
  guards: { drainsAtOnce: ({ context }) => context.input.onDrain === 'drains at once' },
}).createMachine({
  context: ({ input }) => ({ input, output: { drained: true } }),
  entry: 'begin',
  invoke: { src: 'presence', input: ({ context }) => context.input },
  initial: 'starting',
  states: {
    starting: { on: { 'puppet.ready': 'working' } },
    working: { tags: ['ready'] },
    ended: { type: 'final' },
  },
  on: {
    drain: [{ guard: 'drainsAtOnce', target: '.ended', actions: 'hear' }, { actions: 'hear' }],
    'puppet.finish': { target: '.ended', actions: assign({ output: ({ event }) => event.output }) },
    'puppet.crash': { actions: { type: 'crash', params: ({ event }) => ({ error: event.error }) } },
    'puppet.progress': { actions: emit({ type: 'progress' }) },
  },
  output: ({ context }: { readonly context: { readonly output: unknown } }) => context.output,
})

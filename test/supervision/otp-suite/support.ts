import { setup } from 'xstate'
import {
  BadSpecError,
  type CallReply,
  type ChildSpec,
  countChildren,
  createSupervisor,
  startChild,
  startInstance,
  type SupervisorOptions,
  type SupervisorRef,
  whichChildren,
} from '../../../src/supervision/index.ts'
import { puppet, type PuppetOptions, Stage } from '../harness.ts'

type Children = Record<string, PuppetOptions> | ((stage: () => Stage) => readonly ChildSpec[])

/** The suite's `start_link`: unless told otherwise, two restarts in an hour. */
export function startLink(options: SupervisorOptions = {}, children: Children = {}): Stage {
  const on = (): Stage => stage
  const specs =
    typeof children === 'function'
      ? children(on)
      : Object.entries(children).map(([id, puppetOptions]) => puppet(on, id, puppetOptions))
  const stage = new Stage({ intensity: 2, period: 3_600_000, children: specs, ...options })
  return stage.start()
}

/** As `startLink`, with a template in place of children. Its instances are puppets of their own names. */
export function startLinkSimple(options: SupervisorOptions = {}, instance: PuppetOptions = {}): Stage {
  const template: ChildSpec = {
    ...puppet(() => stage, 'child', instance),
    start: (life, args) => puppet(() => stage, life.id, instance).start(life, args),
  }
  const stage: Stage = startLink({ strategy: 'simple_one_for_one', children: [template], ...options })
  return stage
}

/** The suite's `start_child(sup_test, Child)` for one of its ordinary workers. */
export const start = (stage: Stage, id: string, options: PuppetOptions = {}): Promise<string> =>
  said(
    startChild(
      stage.supervisor,
      puppet(() => stage, id, options),
    ),
  )

/** The suite's `start_child(sup_test, [])`. */
export const startOne = (stage: Stage, id: string, args?: unknown): Promise<string> =>
  said(startInstance(stage.supervisor, args, id))

/** An answer in few words: `ok`, or OTP's word for the error. */
export async function said(answer: Promise<CallReply>): Promise<string> {
  const reply = await answer
  return reply.ok ? 'ok' : reply.error
}

/** As `which_children`, but in start order. In the pid's place stands the incarnation, which is a new number when the pid is. */
export const which = (supervisor: SupervisorRef): (readonly [string, number | 'restarting' | 'undefined'])[] =>
  whichChildren(supervisor).map(({ id, state, epoch }) => {
    if (state === 'waiting' || state === 'terminated') return [id, 'undefined']
    return [id, state === 'restarting' ? 'restarting' : epoch]
  })

/** The suite's `get_child_counts`: specs, active, supervisors, workers. */
export function counts(supervisor: SupervisorRef): readonly number[] {
  const { specs, active, supervisors, workers } = countChildren(supervisor)
  return [specs, active, supervisors, workers]
}

/**
 * The suite's `terminate(Pid, Reason)`: the child ends from within. Nobody but its supervisor can kill a child here, so
 * `kill` is an error like any other; `shutdown` is the exit of an actor that somebody else has stopped.
 */
export function terminate(stage: Stage, id: string, how: 'normal' | 'shutdown' | 'abnormal' | 'kill'): void {
  switch (how) {
    case 'normal':
      return stage.puppet(id).finish()
    case 'abnormal':
    case 'kill':
      return stage.puppet(id).crash(new Error(how))
    case 'shutdown': {
      const ref = whichChildren(stage.supervisor).find((child) => child.id === id)?.ref
      if (ref === undefined) throw new Error(`${id} is not up`)
      return stage.actors.stop(ref)
    }
  }
}

/** How each child fared when the supervisor ended. OTP's `shutdown` is `drained`, its `killed` is `cut_off`. */
export const fates = (stage: Stage): Record<string, string> =>
  Object.fromEntries(stage.snapshot.output?.children.map(({ id, result }) => [id, result]) ?? [])

/** The supervisor that runs as the child `id`. */
export function supervisorAt(supervisor: SupervisorRef, id: string): SupervisorRef {
  const ref = whichChildren(supervisor).find((child) => child.id === id)?.ref
  if (ref === undefined) throw new Error(`${id} is not up`)
  return ref as unknown as SupervisorRef
}

/** What is wrong with these options; `undefined` if nothing is. They may be what TypeScript would not let through. */
export function problemOf(options: unknown): string | undefined {
  try {
    createSupervisor(options as SupervisorOptions)
    return undefined
  } catch (error) {
    if (error instanceof BadSpecError) return error.message
    throw error
  }
}

export const nothing = { actors: 0, timers: 0 }

/** The suite's `supervisor_2`: it takes its time to drain. */
export const slowToDrain = setup({
  types: {} as { input: { readonly time: number }; context: { readonly time: number }; events: { type: 'drain' } },
  delays: { time: ({ context }) => context.time },
}).createMachine({
  context: ({ input }) => input,
  initial: 'working',
  states: {
    working: { on: { drain: 'draining' } },
    draining: { after: { time: 'drained' } },
    drained: { type: 'final' },
  },
})

export interface Mood {
  fails: boolean
}

/** The suite's `supervisor_deadlock`: while it is in the mood to fail, a start takes two seconds and then fails. */
export function deadlock(stage: () => Stage, mood: Mood): PuppetOptions {
  return {
    shutdown: 'brutal_kill',
    startTimeout: 'infinity',
    prepare: (life) => {
      if (!mood.fails) return life.ready()
      const { clock } = stage()
      const timer = clock.setTimeout(() => stage().puppet(life.id).crash(new Error('error')), 2_000)
      life.defer(() => clock.clearTimeout(timer))
    },
  }
}

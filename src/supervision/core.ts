/**
 * The decisions of a supervisor: `(state, event) → { state, effects }`, with no clock, no I/O and no XState.
 *
 * It works as OTP's supervisor process does: one job at a time, what happens meanwhile waits in an inbox. Children that
 * run side by side, or are restarted apart, each have a lane of their own to do so.
 */
import { answer } from './calls.ts'
import { checkChildren, checkFlags } from './check-specs.ts'
import type { CoreEvent, Effect } from './core-events.ts'
import type { Child, Job, Step, SupervisorState } from './core-state.ts'
import { childEnded, childExpired, childFailed, childIgnored, childProgressed, childStarted } from './child-events.ts'
import { extendStop } from './extend-stop.ts'
import { laneOf } from './lane-of.ts'
import { runJob } from './lanes.ts'
import { PersistentMap } from './persistent-map.ts'
import type { ChildRules, Ms, SupervisorFlags } from './spec.ts'
import { beginStop, hurryDisposers, hurryStop } from './stop.ts'
import { newChild, Turn } from './turn.ts'

export interface Transition {
  readonly state: SupervisorState
  readonly effects: readonly Effect[]
}

/** A supervisor that has not been booted. With `simple_one_for_one`, the only child given is the template. Throws `BadSpecError`. */
export function initialState(given: SupervisorFlags, specs: readonly ChildRules[]): SupervisorState {
  const flags = checkFlags(given)
  const rules = checkChildren(specs, flags)
  const template = flags.strategy === 'simple_one_for_one' ? rules[0] : undefined
  const { epochFloor } = flags
  const children = PersistentMap.empty<Child>().edit()
  if (template === undefined)
    rules.forEach((child, index) => children.set(child.id, newChild(child, index + 1, 0, epochFloor)))
  return {
    flags,
    template,
    phase: 'idle',
    children: children.done(),
    restarts: [],
    lanes: PersistentMap.empty(),
    stopping: undefined,
    counter: rules.length,
    epochFloor,
  }
}

export function step(state: SupervisorState, event: CoreEvent): Transition {
  const core = new Core(state)
  const effects = core.take(event)
  return { state: core.state, effects }
}

/**
 * `step` after `step`, for one who keeps none of the states in between: the same, and cheaper, for a state that nobody
 * looks at is never made.
 */
export class Core {
  readonly #turn: Turn
  #state: SupervisorState | undefined

  constructor(state: SupervisorState) {
    this.#turn = new Turn(state)
  }

  /** As it is now; it is the same object until the next event. */
  get state(): SupervisorState {
    return (this.#state ??= this.#turn.state())
  }

  child(id: string): Child | undefined {
    return this.#turn.child(id)
  }

  take(event: CoreEvent): readonly Effect[] {
    this.#state = undefined
    take(this.#turn, event)
    return this.#turn.takeEffects()
  }
}

function take(turn: Turn, event: CoreEvent): void {
  turn.at = event.at
  turn.random = event.random
  if (turn.phase === 'ended') return afterTheEnd(turn, event)
  switch (event.type) {
    case 'boot':
      boot(turn)
      break
    case 'started':
      childStarted(turn, event)
      break
    case 'ignored':
      childIgnored(turn, event)
      break
    case 'failed':
      childFailed(turn, event)
      break
    case 'exited':
      childEnded(turn, event)
      break
    case 'progress':
      childProgressed(turn, event)
      break
    case 'expired':
      childExpired(turn, event)
      break
    case 'call':
      // XState delivers what was sent before the start ahead of `boot`: the first children come first all the same.
      boot(turn)
      answer(turn, event.ticket, event.call)
      break
    case 'drain':
      if (turn.phase !== 'stopping') beginStop(turn, { why: 'asked', cause: { type: 'drain' }, within: event.within })
      else if (event.within !== undefined) drainFaster(turn, event.within)
      break
    case 'extend':
      extendStop(turn, event.within)
      break
    case 'hurry':
      hurryStop(turn, { type: event.above === 'cuts_off' ? 'cut_off' : 'second_stop' }, event.within)
      if (event.above === undefined) hurryDisposers(turn, event.within)
      break
  }
}

/** It was stopping already; from now on it has no longer than this. Where it stops by itself, nobody has asked before. */
function drainFaster(turn: Turn, within: Ms): void {
  if (turn.stopping?.plan.why !== 'asked') return hurryStop(turn, { type: 'drain' }, within)
  hurryStop(turn, { type: 'second_stop' }, within)
  hurryDisposers(turn, within)
}

function boot(turn: Turn): void {
  if (turn.phase !== 'idle') return
  turn.phase = 'starting'
  const cause = { type: 'boot' } as const
  const job = { ticket: undefined, culprit: undefined, cause }
  const children = turn.ordered()
  const starts = children.map((child): Step => ({ type: 'start', id: child.rules.id }))
  if (!turn.flags.concurrent) return runJob(turn, '', { ...job, type: 'boot', steps: starts })
  // Side by side, nobody waits for anybody: the group itself is ready at once.
  turn.phase = 'running'
  turn.effects.push({ type: 'ready' })
  for (const start of starts) {
    const alone: Job = { ...job, type: 'restart', culprit: start.id, steps: [start] }
    runJob(turn, laneOf(turn, start.id), alone)
  }
}

function afterTheEnd(turn: Turn, event: CoreEvent): void {
  if (event.type === 'call') turn.reply(event.ticket, { ok: false, error: 'shutting_down' })
}

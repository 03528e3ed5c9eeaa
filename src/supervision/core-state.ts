import type { Call, Ended, Exited, Outcome } from './core-events.ts'
import type { Cause } from './core-reports.ts'
import type { PersistentMap } from './persistent-map.ts'
import type { AutoShutdown, ChildRules, Ms, Restart, RestartBackoff, Shutdown, StopBudget, Strategy } from './spec.ts'

/** `SupervisorFlags` with its defaults filled in. */
export interface Flags {
  readonly strategy: Strategy
  readonly intensity: number
  readonly period: Ms
  readonly autoShutdown: AutoShutdown
  readonly concurrent: boolean
  readonly restartsApart: boolean
  readonly maxChildren: number
  readonly stopOrder: readonly string[] | undefined
  readonly stopBudget: StopBudget | undefined
  readonly backoff: RestartBackoff | undefined
  readonly epochFloor: number
}

/** `ChildRules` with its defaults filled in. */
export interface Rules extends ChildRules {
  readonly restart: Restart
  readonly shutdown: Shutdown
  readonly significant: boolean
  readonly type: 'worker' | 'supervisor'
}

/**
 * What a child is doing. OTP's words for these are: a pid (`starting`, `running`, `stopping`), `restarting`
 * (`restarting`, `backing_off`, `crashed`), and `undefined` (`waiting`, `terminated`).
 */
export type ChildState =
  | 'waiting' // its turn to start, or to be restarted with others, has not come
  | 'starting'
  | 'running'
  | 'stopping'
  | 'restarting' // a start failed; the next try comes at once
  | 'backing_off' // the next try comes after a while
  | 'crashed' // its own budget is spent; the next try comes after `retryAfter`
  | 'terminated'

/** One child, from its specification to its latest decision. Immutable: a change is a new record. */
export interface Child {
  readonly rules: Rules
  /** Its place in the start order. */
  readonly order: number
  readonly state: ChildState
  /** Counts its incarnations, from 1. It never starts again, not even when the child is deleted and added anew. */
  readonly epoch: number
  /** When it came into this state, monotonic. */
  readonly since: Ms
  /** When this incarnation had started, monotonic. */
  readonly startedAt: Ms | undefined
  /** Failures in a row, for the back-off. */
  readonly failures: number
  /** The restarts that its own budget still remembers. */
  readonly restarts: readonly Ms[]
  /** Tried again after being `crashed`, and not yet sound. */
  readonly onProbation: boolean
  /** It has ended, and its turn has not come. */
  readonly exit: Exited | undefined
  /** Why it was killed, while it is being killed. */
  readonly killedFor: 'start_timeout' | 'shutdown_timeout' | undefined
  /** Started after it when it is restarted: they were stopped for its sake. */
  readonly along: readonly string[]
  /** The restart that its timer waits for has been paid for. */
  readonly paid: boolean
  /** Names its timer; 0 when none is set. A timer with another token is an old one. */
  readonly token: number
  /** When it is cut off, while it is stopping; `Infinity` where it isn't. */
  readonly deadline: Ms
  /** How it fared when its supervisor stopped. */
  readonly outcome: Outcome | undefined
  /** How long it was given to stop; each sign of progress gives it as much again. */
  readonly allotted: Ms
  /** Until when its latest sign of progress would give it time, whether that can be had or not. */
  readonly earned: Ms
}

export type Step = { readonly type: 'start' | 'stop'; readonly id: string }

/** One thing at a time: what a lane does between two looks at its inbox, as a `gen_server` does. */
export interface Job {
  readonly type: 'boot' | 'restart' | 'start_child' | 'restart_child' | 'terminate_child'
  readonly steps: readonly Step[]
  /** Whose answer waits for this job. */
  readonly ticket: number | undefined
  /** restart: the child whose end is the cause. */
  readonly culprit: string | undefined
  /** What the reports of this job give as its cause. */
  readonly cause: Cause
}

export interface Lane {
  readonly name: string
  readonly job: Job
  /** The step that is being done. */
  readonly next: number
  readonly inbox: readonly Message[]
}

/** What waits its turn. */
export type Message =
  /** `at`: when it ended. */
  | { readonly type: 'exit'; readonly id: string; readonly epoch: number; readonly at: Ms }
  | { readonly type: 'again'; readonly id: string; readonly token: number }
  | { readonly type: 'call'; readonly ticket: number; readonly call: Call }

/** How long the children from each place of a stop on ask for: a sum of times, and a number of `infinity`. */
export interface Wants {
  readonly time: readonly Ms[]
  readonly endless: readonly number[]
}

export interface Stopping {
  readonly plan: StopPlan
  /** The place of the child that is stopping, unless all are. */
  readonly next: number
  /** How many have not ended yet. */
  readonly awaited: number
  readonly endsAt: Ms
  /** Progress never moves `endsAt` beyond this. */
  readonly hardEndsAt: Ms
  /** More time from above never moves `hardEndsAt` beyond this. */
  readonly ownCap: Ms
}

/** What is settled when a stop begins. */
export interface StopPlan {
  readonly why: Ended
  readonly cause: Cause
  readonly error: unknown
  readonly order: readonly string[]
  readonly together: boolean
  readonly wants: Wants
}

export interface SupervisorState {
  readonly flags: Flags
  readonly template: Rules | undefined
  readonly phase: 'idle' | 'starting' | 'running' | 'stopping' | 'ended'
  readonly children: PersistentMap<Child>
  /** The restarts that the supervisor's budget still remembers. */
  readonly restarts: readonly Ms[]
  /** Busy lanes. One, named '', unless the children run side by side or are restarted apart: then each is named after the child it is for. */
  readonly lanes: PersistentMap<Lane>
  readonly stopping: Stopping | undefined
  /** Counts up: places in the start order, timers, and names of a template's children. */
  readonly counter: number
  /** New children count their epochs from here, so that no id ever meets an old epoch. */
  readonly epochFloor: number
}

import type {
  ChildRules,
  ExitReason,
  Ms,
  Restart,
  RestartBackoff,
  Shutdown,
  StopBudget,
  Strategy,
  AutoShutdown,
} from './spec.ts'
import type { PersistentMap } from './persistent-map.ts'

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

export type Call =
  | { readonly type: 'start_child'; readonly rules: ChildRules }
  | { readonly type: 'terminate_child'; readonly id: string }
  | { readonly type: 'restart_child'; readonly id: string }
  | { readonly type: 'delete_child'; readonly id: string }
  | { readonly type: 'which_children' }
  | { readonly type: 'count_children' }

export type CallError =
  | 'not_found'
  | 'running'
  | 'restarting'
  | 'already_started'
  | 'already_present'
  | 'simple_one_for_one'
  | 'max_children'
  | 'shutting_down'

export interface ChildCounts {
  readonly specs: number
  readonly active: number
  readonly supervisors: number
  readonly workers: number
}

export interface WhichChild {
  readonly id: string
  readonly child: 'up' | 'restarting' | 'undefined'
  readonly type: 'worker' | 'supervisor'
}

export type CallResult =
  | {
      readonly ok: true
      readonly id?: string
      readonly children?: readonly WhichChild[]
      readonly counts?: ChildCounts
    }
  | { readonly ok: false; readonly error: CallError }
  | { readonly ok: false; readonly error: 'start_failed'; readonly reason: unknown }
  | { readonly ok: false; readonly error: 'bad_spec'; readonly problem: string }

/** Why a supervisor ended. `shutdown`: it spent its budget. */
export type Ended = 'asked' | 'shutdown' | 'auto_shutdown' | 'start_failed'

/** How a child fared when its supervisor stopped. */
export interface Outcome {
  readonly id: string
  /** `drained`: it ended by itself in time. `cut_off`: it didn't, or was not asked. `crashed`: it failed while draining. */
  readonly result: 'drained' | 'cut_off' | 'crashed'
  readonly output?: unknown
  readonly error?: unknown
}

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

/** Everything that happens to a supervisor. `at` is monotonic; `random` is in [0, 1). */
export type CoreEvent = { readonly at: Ms; readonly random: number } & (
  | { readonly type: 'boot' }
  | ChildEvent
  | { readonly type: 'expired'; readonly id: string; readonly token: number }
  | { readonly type: 'call'; readonly ticket: number; readonly call: Call }
  | { readonly type: 'drain'; readonly within?: Ms | undefined }
  | { readonly type: 'hurry'; readonly within?: Ms | undefined; readonly above?: Above | undefined }
  | { readonly type: 'extend'; readonly within: Ms }
)

/**
 * What the supervisor above does, where it is the one who hurries: it has been hurried itself, or cuts this one off. How long
 * disposers may take, it settles for both.
 */
export type Above = 'is_hurried' | 'cuts_off'

/** What happens to one incarnation of a child. */
export type ChildEvent = { readonly id: string; readonly epoch: number } & (
  | { readonly type: 'started' }
  | { readonly type: 'ignored' }
  | { readonly type: 'progress' }
  | { readonly type: 'failed'; readonly error: unknown }
  /** `killed`: it ended because it was killed. */
  | { readonly type: 'exited'; readonly reason: ExitReason; readonly killed: boolean; readonly output?: unknown }
)

export type Exited = Extract<ChildEvent, { readonly type: 'exited' }>

/** What is to be done, in this order. */
export type Effect =
  /** Answer with `started`, `ignored` or `failed`; and with `exited` once it has ended and nothing of it is left. */
  | { readonly type: 'start'; readonly id: string; readonly epoch: number }
  | { readonly type: 'drain' | 'hurry' | 'extend'; readonly id: string; readonly epoch: number; readonly within: Ms }
  /** No disposer of any child, nor of any below, is waited for any longer. */
  | { readonly type: 'hurry_disposers'; readonly within: Ms }
  | { readonly type: 'kill'; readonly id: string; readonly epoch: number }
  /** Replaces the child's timer, if it has one. */
  | { readonly type: 'arm'; readonly id: string; readonly token: number; readonly delay: Ms }
  | { readonly type: 'disarm'; readonly id: string }
  | { readonly type: 'reply'; readonly ticket: number; readonly result: CallResult }
  | { readonly type: 'report'; readonly report: CoreReport }
  /** The child is gone, and all that is known of it. */
  | { readonly type: 'forget'; readonly id: string }
  | { readonly type: 'ready' }
  /** It is stopping, gets on, and would take longer than it was given. */
  | { readonly type: 'progress' }
  | { readonly type: 'end'; readonly why: Ended; readonly error: unknown; readonly outcomes: readonly Outcome[] }

export type Cause =
  | {
      readonly type:
        | 'boot'
        | 'call'
        | 'drain'
        | 'second_stop'
        | 'cut_off'
        | 'progress'
        | 'retry'
        | 'start_timeout'
        | 'shutdown_timeout'
        | 'ready'
    }
  | { readonly type: 'exit'; readonly of: string; readonly reason: ExitReason }
  | { readonly type: 'start_failed'; readonly of: string; readonly error: unknown }
  | { readonly type: 'budget_spent'; readonly of: string }
  | { readonly type: 'fault'; readonly error: unknown }

export type Decision =
  | 'start' // start it
  | 'carry_on' // it is ready; it gets on with its stop, and has more time; or a fault beside the tree changes nothing
  | 'stop' // ask it to drain, or kill it where it isn't to be asked
  | 'cut_off' // its time is up
  | 'leave' // it has ended, and stays so
  | 'forget' // it is deleted, and what was known of it
  | 'wait' // it has ended, and its turn has not come
  | 'restart' // start it again now
  | 'back_off' // start it again after a while
  | 'crash' // its own budget is spent: try again much later
  | 'roll_back' // the start failed: stop what had started
  | 'give_up' // the supervisor's budget is spent: stop everything and end
  | 'shut_down' // stop everything and end, as asked or because of a significant child
  | 'end' // everything has stopped

/** One decision and its reason. `id` is absent where it is the supervisor's own. */
export interface CoreReport {
  readonly id: string | undefined
  readonly epoch: number
  readonly cause: Cause
  readonly decision: Decision
  /** Of the budget that this child spends: its own, or the supervisor's. */
  readonly restartsLeft: number
  readonly at: Ms
  readonly reason: string
  /** Until it is tried again; `undefined` where it does not wait to be. */
  readonly delay: Ms | undefined
}

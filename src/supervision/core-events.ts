import type { CoreReport } from './core-reports.ts'
import type { ChildRules, ExitReason, Ms } from './spec.ts'

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

/** An event as it is told: when it happened, and the chance it brings, is added where it is taken in. */
export type Happened<E> = E extends unknown ? Omit<E, 'at' | 'random'> : never

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

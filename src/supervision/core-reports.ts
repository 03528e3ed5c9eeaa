import type { ExitReason, Ms } from './spec.ts'

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
  /** The life it is about; 0 for the supervisor itself. */
  readonly epoch: number
  readonly cause: Cause
  readonly decision: Decision
  /** Of the budget that this child spends: its own, or the supervisor's. */
  readonly restartsLeft: number
  /** Monotonic. */
  readonly at: Ms
  /** One sentence, for people. */
  readonly reason: string
  /** From `at` until it is tried again (`back_off`, `crash`); `undefined`, or absent, where it does not wait to be. */
  readonly delay?: Ms | undefined
}

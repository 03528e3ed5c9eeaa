import type {
  ActorLogic,
  AnyActorLogic,
  AnyActorRef,
  EventObject,
  InputFrom,
  NonReducibleUnknown,
  Snapshot,
} from 'xstate'
import type { AnyActorSystem } from './actor-system.ts'
import type { Above, CallError, ChildCounts, Ended, Outcome } from './core-events.ts'
import type { CoreReport, Decision } from './core-reports.ts'
import type { ChildState } from './core-state.ts'
import type { Incarnation } from './incarnation.ts'
import type { SupervisorClock } from './supervisor-clock.ts'
import type { ChildRules, Ms, SupervisorFlags } from './spec.ts'

/** What to run as a child; made by `run`. */
export interface Runnable {
  readonly logic: AnyActorLogic
  readonly input: unknown
}

/** Any XState actor logic with the input it takes. */
export const run = <T extends AnyActorLogic>(
  logic: T,
  ...[input]: undefined extends InputFrom<T> ? [InputFrom<T>?] : [InputFrom<T>]
): Runnable => ({
  logic,
  input,
})

/** A child: its rules, and how one life of it is built. */
export interface ChildSpec extends Omit<ChildRules, 'payload'> {
  /**
   * Builds a new life from the specification, never from the wreck of the last. An error thrown is a start that failed;
   * `undefined` means that there is nothing to start (OTP's `ignore`). `args` are those that `startInstance` gives a template's child.
   */
  readonly start: (incarnation: Incarnation, args: unknown) => Runnable | undefined
}

export interface SupervisorOptions extends SupervisorFlags {
  /** In start order; with `simple_one_for_one`, the template alone. */
  readonly children?: readonly ChildSpec[]
  /** The clock, the chance and the reports of the supervisor above where absent. A root needs a clock; `systemClock` is the machine's. */
  readonly clock?: SupervisorClock
  /** One number in [0, 1) a call, for the jitter of back-offs; a root's is the machine's own where absent. */
  readonly random?: () => number
  /** Every decision, as it is made. */
  readonly onReport?: (report: Report) => void
}

/** One decision of a supervisor, and its reason. */
export interface Report extends Omit<CoreReport, 'id'> {
  /** Of the child it is about, or the supervisor itself. */
  readonly path: string
}

/** A child as it is now. */
export interface ChildView {
  readonly id: string
  readonly path: string
  readonly state: ChildState
  readonly epoch: number
  readonly restartsLeft: number
  readonly lastDecision: Decision | undefined
  /** When it came into this state, monotonic. */
  readonly since: Ms
  readonly type: 'worker' | 'supervisor'
  readonly ref: AnyActorRef | undefined
}

/** How a supervisor ended. */
export interface SupervisorOutput {
  /** `asked`; `shutdown`: it spent its budget; `auto_shutdown`: a significant child ended; `start_failed`: it rolled back. */
  readonly ended: Ended
  /** Why it could not start. */
  readonly error: unknown
  /** Nothing was cut off or crashed while it stopped, here or in the supervisors below. */
  readonly drained: boolean
  /** Those that were up when it began to stop, in start order. */
  readonly children: readonly (Outcome & { readonly path: string })[]
}

export type SupervisorSnapshot = Snapshot<SupervisorOutput> & {
  readonly value: 'idle' | 'starting' | 'running' | 'stopping' | 'ended'
  /** `ready` once all children have started; a concurrent group is ready at once. */
  hasTag(tag: string): boolean
  readonly restartsLeft: number
  readonly counts: ChildCounts
  /** In start order. Made when read. */
  readonly children: readonly ChildView[]
}

export type CallReply =
  /** `counts`: of `supervisor.count_children`. */
  | {
      readonly ok: true
      readonly id: string
      readonly ref: AnyActorRef | undefined
      readonly counts?: ChildCounts
    }
  | { readonly ok: false; readonly error: CallError }
  | { readonly ok: false; readonly error: 'start_failed'; readonly reason: unknown }
  | { readonly ok: false; readonly error: 'bad_spec'; readonly problem: string }

export type SupervisorEvent =
  /** Stop in order, whatever is going on; within `within`, if that is less than the stop budget. */
  | { readonly type: 'drain'; readonly within?: Ms }
  /**
   * A second stop: `within`, or what the stop budget says, is left for everything that remains, disposers too. `above`: the
   * word is the supervisor's above, which says for itself how long disposers have.
   */
  | { readonly type: 'stop.hurry'; readonly within?: Ms; readonly above?: Above }
  /** While it stops: so much is left now, for what gets on. The supervisor above says so when this one has emitted `progress`. */
  | { readonly type: 'stop.extend'; readonly within: Ms }
  | { readonly type: 'supervisor.start_child'; readonly spec: ChildSpec; readonly reply?: (reply: CallReply) => void }
  /** Of a template's child: its `args`, and its name if it is to have one. */
  | {
      readonly type: 'supervisor.start_instance'
      readonly id?: string
      readonly args?: unknown
      readonly reply?: (reply: CallReply) => void
    }
  | { readonly type: 'supervisor.terminate_child'; readonly id: string; readonly reply?: (reply: CallReply) => void }
  | { readonly type: 'supervisor.restart_child'; readonly id: string; readonly reply?: (reply: CallReply) => void }
  | { readonly type: 'supervisor.delete_child'; readonly id: string; readonly reply?: (reply: CallReply) => void }
  /** Changes nothing, and is answered in any state until the supervisor has ended: whoever gets the answer knows that it handles events. */
  | { readonly type: 'supervisor.count_children'; readonly reply: (reply: CallReply) => void }
  /** The supervisor's own: begin; and something has happened. */
  | { readonly type: 'supervisor.boot' }
  | { readonly type: 'supervisor.wake' }

export type SupervisorLogic = ActorLogic<
  SupervisorSnapshot,
  SupervisorEvent,
  NonReducibleUnknown,
  AnyActorSystem,
  EventObject
>

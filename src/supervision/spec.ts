/** A length of time in milliseconds. At most `longestTimer`. */
export type Ms = number

/** The longest delay a Node timer can keep (2^31 - 1 ms, 24.8 days); a longer one would fire after 1 ms. */
export const longestTimer: Ms = 2_147_483_647

/**
 * What a child's end means for its siblings: nothing, they all restart with it, or those started after it do.
 *
 * `simple_one_for_one`: all children are instances of one template, added while running.
 */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one' | 'simple_one_for_one'

/** `permanent`: always restarted. `transient`: restarted unless it ended with `normal` or `shutdown`. `temporary`: never. */
export type Restart = 'permanent' | 'transient' | 'temporary'

/** How long a child may take to drain before it is cut off. `brutal_kill`: it isn't asked. */
export type Shutdown = Ms | 'infinity' | 'brutal_kill'

export type AutoShutdown = 'never' | 'any_significant' | 'all_significant'

/** At most `intensity` restarts within `period`; one more, and it is spent. */
export interface RestartBudget {
  readonly intensity: number
  readonly period: Ms
}

/**
 * A child's own budget: spending it makes this child `crashed`, and touches no other. Those that were stopped for its restart
 * go on without it. It is tried again alone; those that are restarted with it are so only once it is ready.
 */
export interface ChildBudget extends RestartBudget {
  /** A crashed child is tried again this often. It is sound again once it has run for `period`. */
  readonly retryAfter: Ms
}

/** The n-th failure in a row waits anywhere from 0 to `initial * factor ** (n - 1)`, at most `max` (full jitter). */
export interface RestartBackoff {
  readonly initial: Ms
  readonly factor: number
  readonly max: Ms
  /** A child that has run this long has no failures behind it. */
  readonly resetAfter: Ms
}

/** One budget for the whole stop, on top of every child's own `shutdown`. */
export interface StopBudget {
  /** Where the children ask for more, each gets its share of this. */
  readonly total: Ms
  /** How far reported progress may extend the stop, from its beginning. `total` where absent: no extension. */
  readonly hardCap?: Ms
  /** What a second stop leaves for everything that remains. */
  readonly afterSecondStop: Ms
}

/** How a supervisor treats its children. The first four are OTP's; the rest is off unless given. */
export interface SupervisorFlags {
  /** `one_for_one`. */
  readonly strategy?: Strategy
  /** 1. */
  readonly intensity?: number
  /** 5,000 ms. */
  readonly period?: Ms
  /** `never`. */
  readonly autoShutdown?: AutoShutdown
  /** Children start, stop and restart side by side; a start that fails at boot is a crash of that child alone. */
  readonly concurrent?: boolean
  /**
   * Once all have started, what happens to a child waits only for what is being done to it or to those that are restarted
   * with it. Otherwise for whatever is being done, as in OTP. `one_for_one` only.
   */
  readonly restartsApart?: boolean
  /** At most so many children, those that it begins with among them; a `start_child` beyond is refused with `max_children`. */
  readonly maxChildren?: number
  /** The order of every stop; ids that are not in it stop first, last started first. Otherwise the start order reversed. */
  readonly stopOrder?: readonly string[]
  readonly stopBudget?: StopBudget
  readonly backoff?: RestartBackoff
  /** The first life of each child has the number after this one. 0; for a supervisor that is itself started again. */
  readonly epochFloor?: number
}

/** What the supervisor knows of a child before it runs; `ChildSpec` adds how to start it. */
export interface ChildRules {
  readonly id: string
  /** `permanent`. */
  readonly restart?: Restart
  /** 5,000 ms for a worker, `infinity` for a supervisor. */
  readonly shutdown?: Shutdown
  /** Its end may end the supervisor; see `autoShutdown`. */
  readonly significant?: boolean
  /** For `count_children` and the default of `shutdown`; a supervisor's logic is recognised by itself. */
  readonly type?: 'worker' | 'supervisor'
  /** It has started once it says that it is ready, and has failed to start if that takes longer. */
  readonly startTimeout?: Ms | 'infinity'
  /** When this child is restarted after a crash, these are stopped and restarted with it, in start order; none that is `terminated`. */
  readonly takesAlong?: readonly string[]
  readonly budget?: ChildBudget
  /** In place of the supervisor's. */
  readonly backoff?: RestartBackoff
  /** Carried along and never looked at: what its owner needs to start it. */
  readonly payload?: unknown
}

/** How a child ended. A supervisor that has spent its budget ends with `shutdown`, as in OTP. */
export type ExitReason =
  | { readonly type: 'normal' }
  | { readonly type: 'shutdown'; readonly detail?: unknown }
  | { readonly type: 'error'; readonly error: unknown }

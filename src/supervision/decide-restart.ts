import type { Child, Flags, SupervisorState } from './core-state.ts'
import type { ExitReason, Ms, RestartBackoff } from './spec.ts'

export type Verdict =
  | { readonly type: 'leave'; readonly endsSupervisor: boolean }
  | { readonly type: 'restart'; readonly delay: Ms; readonly failures: number; readonly restarts: readonly Ms[] }
  | { readonly type: 'crash'; readonly delay: Ms; readonly restarts: readonly Ms[] }
  | { readonly type: 'give_up'; readonly restarts: readonly Ms[] }

export interface Circumstances {
  readonly at: Ms
  /** When it ended: its turn may have come later. */
  readonly endedAt: Ms
  /** In [0, 1). */
  readonly random: number
  readonly flags: Flags
  /** The restarts that the supervisor's budget remembers. */
  readonly restarts: readonly Ms[]
  /** Whether another significant child is still active. */
  readonly othersSignificant: () => boolean
}

/** What becomes of a child that has ended by itself, or (`exit` undefined) whose start has failed while it was being restarted. */
export function decideRestart(child: Child, exit: ExitReason | undefined, world: Circumstances): Verdict {
  if (exit !== undefined && !mustRestart(child, exit)) {
    return { type: 'leave', endsSupervisor: endsSupervisor(child, world) }
  }
  const { at, endedAt, flags } = world
  const { budget } = child.rules
  const restarts = recent(budget ? child.restarts : world.restarts, (budget ?? flags).period, at)
  const spent = restarts.length >= (budget ?? flags).intensity
  if (budget !== undefined && (spent || isStillOnProbation(child, budget.period, endedAt))) {
    return { type: 'crash', delay: budget.retryAfter, restarts }
  }
  if (spent) return { type: 'give_up', restarts }
  const backoff = child.rules.backoff ?? flags.backoff
  const failures = hasRunFor(child, backoff?.resetAfter ?? Infinity, endedAt) ? 1 : child.failures + 1
  const delay = backoff === undefined ? 0 : backoffDelay(backoff, failures, world.random)
  return { type: 'restart', delay, failures, restarts: [...restarts, at] }
}

/** Those of `restarts` that count at `at`. A restart exactly one period ago still does, as in OTP. */
export function recent(restarts: readonly Ms[], period: Ms, at: Ms): readonly Ms[] {
  if (restarts.length === 0) return restarts
  const first = restarts.findIndex((then) => at <= then + period)
  return first === 0 ? restarts : first === -1 ? [] : restarts.slice(first)
}

/**
 * Of the budget that `child` spends: its own, or the supervisor's. Without a child it is the supervisor's.
 *
 * One that is crashed, or on probation after it, has none left, however long ago it spent them: with its next crash it is crashed again.
 */
export function restartsLeft(
  child: Child | undefined,
  { flags, restarts }: Pick<SupervisorState, 'flags' | 'restarts'>,
  at: Ms,
): number {
  const own = child?.rules.budget
  const { intensity, period } = own ?? flags
  if (own && (child.state === 'crashed' || isStillOnProbation(child, period, at))) return 0
  return Math.max(0, intensity - recent(own ? child.restarts : restarts, period, at).length)
}

const isClean = (exit: ExitReason): boolean => exit.type !== 'error'

const mustRestart = (child: Child, exit: ExitReason): boolean =>
  child.rules.restart === 'permanent' || (child.rules.restart === 'transient' && !isClean(exit))

function endsSupervisor(child: Child, { flags, othersSignificant }: Circumstances): boolean {
  if (!child.rules.significant || flags.autoShutdown === 'never') return false
  return flags.autoShutdown === 'any_significant' || !othersSignificant()
}

const hasRunFor = (child: Child, time: Ms, endedAt: Ms): boolean =>
  child.startedAt !== undefined && endedAt - child.startedAt >= time

const isStillOnProbation = (child: Child, period: Ms, endedAt: Ms): boolean =>
  child.onProbation && !hasRunFor(child, period, endedAt)

/** Exponential with full jitter: anywhere from 0 to the schedule's value. */
function backoffDelay(backoff: RestartBackoff, failures: number, random: number): Ms {
  // The exponent is bounded so that years of failures don't overflow into Infinity.
  const full = Math.min(backoff.initial * backoff.factor ** Math.min(failures - 1, 64), backoff.max)
  return Math.round(full * random)
}

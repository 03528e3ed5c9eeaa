import { OperatingError } from '../domain/errors.ts'

/** Every supervised actor hears it, in every state: finish what you have, then end. */
export interface Drain {
  readonly type: 'drain'
}

/** How an actor ended: nothing is left, or what is. */
export type Drained = { readonly drained: true } | { readonly drained: false; readonly left: string }

/** What the inspector shows of every actor beside its state. */
export interface Explained {
  /** Why it is in this state, in words for the engineer at 3 a.m. */
  readonly why: string
}

/** What a guard or an action behind an `onError` is given; the failure is XState's event's own. */
interface Failed {
  readonly event: object
}

/** The failure that an `onError` event carries; `undefined` for any other event. */
export const failureOf = ({ event }: Failed): unknown => ('error' in event ? event.error : undefined)

/**
 * Guards an `onError`: only what we expect of the world has a transition. Anything else is a bug, finds none, fails the
 * actor, and the supervisor decides.
 */
export const isOperatingError = (failed: Failed): boolean => failureOf(failed) instanceof OperatingError

/** For an `assign` behind that guard. */
export const explainFailure = (failed: Failed): string => (failureOf(failed) as OperatingError).message

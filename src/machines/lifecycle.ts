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

/** An event that carries a failure, as XState sends it. */
interface Failure {
  readonly event: { readonly error: unknown }
}

/**
 * Guards an `onError`: only what we expect of the world has a transition. Anything else is a bug, finds none, fails the
 * actor, and the supervisor decides.
 */
export const isOperatingError = ({ event }: Failure): boolean => event.error instanceof OperatingError

/** For an `assign` behind that guard. */
export const explainFailure = ({ event }: Failure): string => (event.error as OperatingError).message

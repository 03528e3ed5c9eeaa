import type { Invariant } from './referee.ts'

/** Text of one file below `src`, which stands in it exactly once, and what stands there instead. */
export interface Change {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** One mistake that somebody might make. */
export interface Mutant extends Change {
  readonly name: string
  /** Another line of defence, which alone would make up for the mistake, or for which the mistake makes up: it is gone too. */
  readonly and?: Change
  /** What finds it out. */
  readonly breaks: Invariant
}

/** A mistake that another line of defence makes up for, and which. */
export interface Harmless extends Change {
  readonly name: string
  readonly because: string
}

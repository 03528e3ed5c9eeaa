import type { ActorView } from './protocol.ts'

/** States in which a part tries what it is there for. */
const trying = /^(connecting|loading|opening|scanning|binding)$/

export const isTrying = (state: string): boolean => trying.test(state)

/**
 * The state that tells whether a part is well. One that tries again is no better than it was before: a camera that takes
 * connections and never sends a picture would seem well for as long as each try lasts.
 */
export const tellingState = ({ state, before: [last] }: Pick<ActorView, 'state' | 'before'>): string =>
  last !== undefined && isTrying(state) ? last.state : state

import type { Child } from './core-state.ts'
import type { Turn } from './turn.ts'

/** The child and those that are restarted with it, in start order. */
export function affectedBy(turn: Turn, child: Child): Child[] {
  switch (turn.flags.strategy) {
    case 'one_for_all':
      return turn.ordered()
    case 'rest_for_one':
      return turn.ordered().filter((other) => other.order >= child.order)
    case 'simple_one_for_one':
    case 'one_for_one':
      return together(turn, child)
  }
}

/**
 * The child, those it takes along, those they take along, and those that wait for it; but none that is `terminated`: by a
 * call, because it had ended for good, or because it chose to start nothing.
 */
export function together(turn: Turn, child: Child): Child[] {
  const found = new Map<string, Child>()
  const look = (id: string) => {
    const other = turn.child(id)
    if (other === undefined || found.has(id)) return
    if (other.state === 'terminated' && id !== child.rules.id) return
    found.set(id, other)
    for (const next of [...(other.rules.takesAlong ?? []), ...other.along]) look(next)
  }
  look(child.rules.id)
  return [...found.values()].sort((a, b) => a.order - b.order)
}

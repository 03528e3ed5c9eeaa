import { countChildren } from './calls.ts'
import { restartsLeft } from './decide-restart.ts'
import type { Runtime } from './runtime.ts'
import type { ChildView, SupervisorSnapshot } from './supervisor-types.ts'

/**
 * What anyone may know of a supervisor at this moment. The list of children is made when it is read; the restarts that are left are
 * those at the time of reading, since a budget is given back by time alone.
 */
export function snapshotOf(runtime: Runtime): SupervisorSnapshot {
  const { state, output, isReady } = runtime
  let children: readonly ChildView[] | undefined
  const view = {
    value: state.phase,
    hasTag: (tag: string) => tag === 'ready' && isReady,
    get restartsLeft() {
      return restartsLeft(undefined, state, runtime.now)
    },
    get counts() {
      return countChildren(state)
    },
    get children() {
      children ??= state.children
        .values()
        .sort((a, b) => a.order - b.order)
        .map((child) => ({
          id: child.rules.id,
          path: `${runtime.path}/${child.rules.id}`,
          // It has ended, and its turn has not come: nobody should take it for running.
          state: child.exit === undefined ? child.state : 'waiting',
          epoch: child.epoch,
          get restartsLeft() {
            return restartsLeft(child, state, runtime.now)
          },
          lastDecision: runtime.lastDecision(child.rules.id),
          since: child.since,
          type: child.rules.type,
          ref: runtime.childRef(child.rules.id),
        }))
      return children
    },
  }
  return output === undefined
    ? Object.assign(view, { status: 'active' as const, output: undefined, error: undefined })
    : Object.assign(view, { status: 'done' as const, output, error: undefined })
}

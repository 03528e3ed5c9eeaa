import { countChildren } from './calls.ts'
import { recent } from './decide-restart.ts'
import type { Runtime } from './runtime.ts'
import type { ChildView, SupervisorSnapshot } from './supervisor-types.ts'

/** What anyone may know of a supervisor at this moment. The list of children is made when it is read. */
export function snapshotOf(runtime: Runtime): SupervisorSnapshot {
  const { state, output, isReady } = runtime
  const left = (
    restarts: readonly number[],
    { intensity, period }: { readonly intensity: number; readonly period: number },
  ) => Math.max(0, intensity - recent(restarts, period, runtime.now).length)
  let children: readonly ChildView[] | undefined
  const view = {
    value: state.phase,
    hasTag: (tag: string) => tag === 'ready' && isReady,
    restartsLeft: left(state.restarts, state.flags),
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
          restartsLeft: child.rules.budget
            ? left(child.restarts, child.rules.budget)
            : left(state.restarts, state.flags),
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

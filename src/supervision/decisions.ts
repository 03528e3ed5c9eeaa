import type { Core } from './core.ts'
import type { CoreReport, Decision } from './core-reports.ts'
import type { Child } from './core-state.ts'
import { restartsLeft } from './decide-restart.ts'
import { guarded } from './guarded.ts'
import type { Report } from './supervisor-types.ts'
import type { Surroundings } from './surroundings.ts'
import { isRestarting, isUp } from './turn.ts'

/** What one supervisor has decided last of each of its children; each decision is reported as it is made. */
export class Decisions {
  readonly #latest = new Map<string, Decision>()

  constructor(
    private readonly path: string,
    private readonly core: Core,
    private readonly world: Surroundings,
  ) {}

  latest(id: string): Decision | undefined {
    return this.#latest.get(id)
  }

  /** One of the core's. */
  made({ id, ...report }: CoreReport): void {
    if (id !== undefined) this.#latest.set(id, report.decision)
    this.#report({ path: this.#pathOf(id), ...report })
  }

  forget(id: string): void {
    this.#latest.delete(id)
  }

  /** Something beside the tree failed, and changes nothing: a disposer of `id`, or an inspector. */
  fault(id: string | undefined, epoch: number, error: unknown): void {
    this.#report({
      path: this.#pathOf(id),
      epoch,
      cause: { type: 'fault', error },
      decision: 'carry_on',
      ...this.#left(id === undefined ? undefined : this.core.child(id)),
      reason: `${id === undefined ? 'an inspector' : `a disposer of ${id}`} failed: ${String(error)}`,
    })
  }

  /** The supervisor is gone, and keeps none of them. */
  leaveAll(): void {
    for (const id of this.#latest.keys()) this.#leave(id)
  }

  /** Said of a child that its supervisor no longer keeps: it may have been up, or about to be started again. */
  #leave(id: string): void {
    const child = this.core.child(id)
    if (child === undefined || !(isUp(child) || isRestarting(child))) return
    const { epoch } = child
    const reason = `${id} is ${isUp(child) ? 'ended at once' : 'not started again'}: its supervisor is gone`
    this.#latest.set(id, 'leave')
    this.#report({
      path: this.#pathOf(id),
      epoch,
      cause: { type: 'cut_off' },
      decision: 'leave',
      ...this.#left(child),
      reason,
    })
  }

  /** What is left of the budget that `child` spends, or of the supervisor's own, and when that is so. */
  #left(child: Child | undefined): Pick<Report, 'restartsLeft' | 'at'> {
    const at = this.world.clock.monotonic()
    return { restartsLeft: restartsLeft(child, this.core.state, at), at }
  }

  #pathOf(id: string | undefined): string {
    return id === undefined ? this.path : `${this.path}/${id}`
  }

  #report(report: Report): void {
    guarded(this.world.onReport, report)
  }
}

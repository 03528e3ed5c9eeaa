import type { CameraId } from '../domain/ids.ts'
import type { Milliseconds } from '../domain/units.ts'
import { healthLimits } from './health.ts'
import type { Clock } from '../ports/clock.ts'

/** Of which cameras rows were lost lately, however the wall clock was set meanwhile. */
export class RowLosses {
  readonly #latest = new Map<CameraId, Milliseconds>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(id: CameraId): void {
    this.#latest.set(id, this.#clock.monotonic())
  }

  areRecent(id: CameraId): boolean {
    const at = this.#latest.get(id)
    return at !== undefined && this.#clock.monotonic() - at < healthLimits.rowsLost
  }
}

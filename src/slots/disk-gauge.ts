import { OperatingError } from '../domain/errors.ts'
import { seconds } from '../domain/units.ts'
import type { Clock, TimerHandle } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'

const every = seconds(10)

/** Keeps at hand how much may still be written below the data folder. A disk that doesn't answer holds up nobody. */
export class DiskGauge {
  /** As of the latest answer; `undefined` while there is none. */
  freeBytes: number | undefined
  #timer: TimerHandle
  #running = false
  #asking = false

  constructor(
    private readonly disk: Pick<Disk, 'freeBytes'>,
    private readonly clock: Clock,
  ) {}

  /** Asks now, and then every 10 s. */
  start(): void {
    this.#running = true
    this.#look()
  }

  stop(): void {
    this.#running = false
    this.clock.clearTimeout(this.#timer)
  }

  #look = (): void => {
    // One question at a time: a disk that hangs is not asked again until it has answered.
    if (!this.#asking) void this.#ask()
    this.clock.clearTimeout(this.#timer)
    this.#timer = this.clock.setTimeout(this.#look, every)
  }

  async #ask(): Promise<void> {
    this.#asking = true
    try {
      const freeBytes = await this.disk.freeBytes()
      if (this.#running) this.freeBytes = freeBytes
    } catch (error) {
      // Not known; why, the writer meets as well and says.
      if (!(error instanceof OperatingError)) throw error
      this.freeBytes = undefined
    } finally {
      this.#asking = false
    }
  }
}

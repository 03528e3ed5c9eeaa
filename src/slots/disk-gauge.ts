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
  #asking: Promise<void> | undefined
  #onBug: (error: unknown) => void = () => undefined

  constructor(
    private readonly disk: Pick<Disk, 'freeBytes'>,
    private readonly clock: Clock,
  ) {}

  /** Asks now, and then every 10 s; `onBug` hears what should not have been thrown. */
  start(onBug: (error: unknown) => void): void {
    this.#running = true
    this.#onBug = onBug
    this.#look()
  }

  /** Resolves when no question is open any more. */
  async stop(): Promise<void> {
    this.#running = false
    this.clock.clearTimeout(this.#timer)
    await this.#asking
  }

  #look = (): void => {
    // One question at a time: a disk that hangs is not asked again until it has answered.
    this.#asking ??= this.#ask().catch(this.#onBug)
    this.clock.clearTimeout(this.#timer)
    this.#timer = this.clock.setTimeout(this.#look, every)
  }

  async #ask(): Promise<void> {
    try {
      const freeBytes = await this.disk.freeBytes()
      if (this.#running) this.freeBytes = freeBytes
    } catch (error) {
      // Not known; why, the writer meets as well and says.
      if (!(error instanceof OperatingError)) throw error
      this.freeBytes = undefined
    } finally {
      this.#asking = undefined
    }
  }
}

import { epochMs, minutes, seconds } from '../../src/domain/units.ts'
import { allAreThere, heldFiles, hiddenFiles, inWords, isReady, undelivered } from './condition.ts'
import type { Lives } from './lives.ts'
import type { Referee } from './referee.ts'
import type { Estate, SimulatedProcess } from './simulated-process.ts'

/** Crashed cameras are tried again after five minutes, files after at most five; then everything has had its turn. */
const convergesWithin = minutes(12)
/** A file that the server refuses is a dead letter after three tries, with five minutes at most before each. */
const refusedWithin = minutes(17)
/** Within this long some file arrives in every folder in which any will. */
const untoldAfter = minutes(1)
/** A sealed file that is still unknown as long again after that is hidden. */
const scanAgainAfter = seconds(15)

export interface ConvergenceOptions {
  readonly estate: Estate
  readonly referee: Referee
  readonly lives: Lives
  /** It is not believed before. */
  readonly atLeast: number
}

/** Watches a daemon that nothing disturbs any more: all has to be ready again, and all that was sealed to be delivered. */
export class Convergence {
  #process: SimulatedProcess
  #began: number
  #passed = 0
  #isReady = false
  /** Sealed files that the manifest has not heard of for a while. */
  #hidden: readonly string[] | undefined
  #hasScannedAgain = false
  /** Files that waited to be packed as it began; later ones are packed without anybody's doing. */
  readonly #held: readonly string[]

  constructor(private readonly options: ConvergenceOptions) {
    this.#process = options.lives.process
    this.#began = this.#process.clock.now()
    this.#held = heldFiles(options.estate)
  }

  get isReached(): boolean {
    const { atLeast, lives } = this.options
    const isWaiting = this.#passed < atLeast || this.#waiting.length > 0 || lives.process.reloads > 0
    return this.#isReady && !isWaiting && allAreThere(lives.process)
  }

  /** After each step; `isLast`: there are no more. */
  look(isLast: boolean): void {
    const { estate, referee, lives } = this.options
    const { process } = lives
    if (this.#process !== process) {
      this.#process = process
      this.#began = process.clock.now()
      this.#hidden = undefined
    }
    this.#passed = process.clock.now() - this.#began
    // Only another process brings back threads that hang.
    this.#isReady = isReady(process) && !process.models.hang
    if (this.#isReady && this.#passed > scanAgainAfter) this.#hidden ??= hiddenFiles(estate)
    const stayHidden = this.#passed > 2 * scanAgainAfter ? this.#stayHidden : []
    if (stayHidden.length > 0 && process.stopAskedAt === undefined) this.#scanAgain(stayHidden)
    if (this.#passed > untoldAfter) this.#mendUntold()
    if (this.#passed <= this.#within && !isLast) return
    if (!this.#isReady || !allAreThere(process))
      referee.violate('after the faults everything becomes ready again', inWords(process))
    else referee.violate('after the faults everything sealed is delivered', JSON.stringify(this.#waiting))
  }

  /** Where nothing comes any more, nobody can tell that it would fail. */
  #mendUntold(): void {
    const { estate, lives } = this.options
    const { calls, clock, models, states } = lives.process
    estate.site.refusedFiles.mendUntold(estate.manifest, epochMs(clock.now() - untoldAfter), clock.now())
    if (!models.hang || [...states.values()].includes('streaming')) return
    models.hang = false
    calls.release()
  }

  get #within(): number {
    const { manifest, site } = this.options.estate
    const isRefused = manifest.underway > 0 && manifest.entries.some(({ path }) => site.refusedFiles.has(path))
    return isRefused ? refusedWithin : convergesWithin
  }

  get #waiting(): string[] {
    const { estate } = this.options
    const held = this.#held.length === 0 ? [] : heldFiles(estate).filter((path) => this.#held.includes(path))
    return [...undelivered(estate), ...held]
  }

  get #stayHidden(): string[] {
    return hiddenFiles(this.options.estate).filter((path) => this.#hidden?.includes(path))
  }

  /** What a failing disk hid from the start scan is taken in by the next. */
  #scanAgain(hidden: readonly string[]): void {
    const { referee, lives } = this.options
    if (this.#hasScannedAgain) {
      referee.violate('after the faults everything sealed is delivered', `${hidden.join(', ')} is unknown`)
    }
    lives.note({ what: 'stop', about: 'for another scan' })
    this.#hasScannedAgain = true
    lives.process.stop()
  }
}

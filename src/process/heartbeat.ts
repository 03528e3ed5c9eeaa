import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { HeartFigures } from '../inspection-feed/heart-figures.ts'
import type { Clock, TimerHandle } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Standstill, ThreadTimes, Vitals } from '../ports/vitals.ts'
import { MemoryWatch } from './memory-watch.ts'

export interface HeartbeatOptions {
  readonly clock: Clock
  readonly vitals: Vitals
  readonly log: Log
  /** Bytes. */
  readonly memoryBudget: number
  /** Called with each beat. */
  readonly onBeat: () => void
}

const every = seconds(1)
const beatsAMinute = 60
/** What stands still for longer is told. */
const longestStandstill = seconds(1)
/** The collector tells a little later what it did. */
const afterthought = milliseconds(100)

/** Beats once a second for as long as the event loop turns, and says why when it did not. */
export class Heartbeat implements HeartFigures {
  /** Times that the event loop stood still for more than a second, and for how long in all. */
  stalls = 0
  stalledFor: Milliseconds = milliseconds(0)
  readonly #memory: MemoryWatch
  /** How long it stood still before each of the last beats. */
  readonly #delays: Milliseconds[] = []
  #timer: TimerHandle
  #saying: TimerHandle

  constructor(private readonly options: HeartbeatOptions) {
    this.#memory = new MemoryWatch(options)
  }

  get delay(): Milliseconds {
    return milliseconds(Math.max(0, ...this.#delays))
  }

  get memory(): number {
    return this.#memory.resident
  }

  get memoryBudget(): number {
    return this.options.memoryBudget
  }

  start(): void {
    const { clock, vitals } = this.options
    // How long it took to get here is not the event loop's doing.
    vitals.standstill()
    this.#timer = clock.setTimeout(this.#beat, every)
  }

  stop(): void {
    this.options.clock.clearTimeout(this.#timer)
    this.options.clock.clearTimeout(this.#saying)
  }

  #beat = (): void => {
    const { clock, vitals, onBeat } = this.options
    this.#timer = clock.setTimeout(this.#beat, every)
    const standstill = vitals.standstill()
    this.#delays.push(standstill.lasted)
    if (this.#delays.length > beatsAMinute) this.#delays.shift()
    if (standstill.lasted > longestStandstill) this.#stalled(standstill)
    this.#memory.look()
    onBeat()
  }

  #stalled({ lasted, before, after }: Standstill): void {
    const { clock, vitals, log } = this.options
    this.stalls++
    this.stalledFor = milliseconds(this.stalledFor + lasted)
    const processors = between(before, after)
    this.#saying = clock.setTimeout(() => {
      const collectedMs = Math.round(vitals.thread().collected - before.collected)
      const cause = causeOf(lasted, collectedMs, processors)
      log.warn('the event loop stood still', { stalledMs: Math.round(lasted), ...processors, collectedMs, cause })
    }, afterthought)
  }
}

interface Processors {
  readonly ranMs: number
  readonly waitedMs: number
}

const between = (before: ThreadTimes, after: ThreadTimes): Processors | undefined =>
  before.ran === undefined || before.waited === undefined || after.ran === undefined || after.waited === undefined
    ? undefined
    : { ranMs: Math.round(after.ran - before.ran), waitedMs: Math.round(after.waited - before.waited) }

/** What took most of the time. */
function causeOf(lasted: number, collectedMs: number, processors: Processors | undefined): string {
  if (collectedMs > lasted / 2) return 'garbage was collected: the heap is nearly full'
  if (processors === undefined) return 'not known: this kernel does not say who had the processors'
  const { ranMs, waitedMs } = processors
  if (ranMs > lasted / 2) return 'one piece of JavaScript, or a library that it called, computed for so long'
  if (waitedMs > lasted / 2) return 'other programs or threads had the processors'
  return 'the process was stopped, or a call of the operating system did not return: a slow disk, or memory that was swapped out'
}

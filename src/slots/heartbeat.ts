import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { HeartFigures } from '../inspection-feed/heart-figures.ts'
import type { Clock, TimerHandle } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { ThreadTimes, Vitals } from '../ports/vitals.ts'
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
/** A beat that comes later than this has been held up by something. */
const longestLateness = seconds(1)
/** The collector tells a little later what it did. */
const afterthought = milliseconds(100)

/** Beats once a second for as long as the event loop turns, and says why when it did not. */
export class Heartbeat implements HeartFigures {
  /** Times that the event loop stood still for more than a second, and for how long in all. */
  stalls = 0
  stalledFor: Milliseconds = milliseconds(0)
  readonly #memory: MemoryWatch
  #timer: TimerHandle
  #saying: TimerHandle
  #last: { at: Milliseconds; thread: ThreadTimes } | undefined

  constructor(private readonly options: HeartbeatOptions) {
    this.#memory = new MemoryWatch(options)
  }

  get memoryBudget(): number {
    return this.options.memoryBudget
  }

  start(): void {
    const { clock, vitals } = this.options
    this.#last = { at: clock.monotonic(), thread: vitals.thread() }
    this.#timer = clock.setTimeout(this.#beat, every)
  }

  stop(): void {
    this.options.clock.clearTimeout(this.#timer)
    this.options.clock.clearTimeout(this.#saying)
  }

  #beat = (): void => {
    const { clock, vitals, onBeat } = this.options
    const before = this.#last
    const now = { at: clock.monotonic(), thread: vitals.thread() }
    this.#last = now
    this.#timer = clock.setTimeout(this.#beat, every)
    if (before !== undefined) {
      const late = milliseconds(now.at - before.at - every)
      if (late > longestLateness) this.#stalled(late, before.thread, now.thread)
    }
    this.#memory.look()
    onBeat()
  }

  #stalled(late: Milliseconds, before: ThreadTimes, now: ThreadTimes): void {
    const { clock, vitals, log } = this.options
    this.stalls++
    this.stalledFor = milliseconds(this.stalledFor + late)
    const [ranMs, waitedMs] = [now.ran - before.ran, now.waited - before.waited].map(Math.round)
    this.#saying = clock.setTimeout(() => {
      const collectedMs = Math.round(vitals.thread().collected - before.collected)
      const parts = { ranMs: ranMs ?? 0, waitedMs: waitedMs ?? 0, collectedMs }
      log.warn('the event loop stood still', { stalledMs: Math.round(late), ...parts, cause: causeOf(late, parts) })
    }, afterthought)
  }
}

interface Parts {
  readonly ranMs: number
  readonly waitedMs: number
  readonly collectedMs: number
}

/** What took most of the time. */
function causeOf(late: number, { ranMs, waitedMs, collectedMs }: Parts): string {
  if (collectedMs > late / 2) return 'garbage was collected: the heap is nearly full'
  if (ranMs > late / 2) return 'one piece of JavaScript, or a library that it called, computed for so long'
  if (waitedMs > late / 2) return 'other programs or threads had the processors'
  return 'the process was stopped, or a call of the operating system did not return: a slow disk, or memory that was swapped out'
}

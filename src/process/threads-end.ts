import type { StopConfig } from '../config/config.ts'
import { type Milliseconds, milliseconds, seconds } from '../domain/units.ts'
import type { HungThreads } from '../frame-path/hung-threads.ts'
import type { Clock, TimerHandle } from '../ports/clock.ts'
import type { ModelThreads } from '../ports/model-runner.ts'

export interface ThreadsEndOptions {
  readonly threads: Pick<ModelThreads, 'ended'>
  readonly hung: Pick<HungThreads, 'count'>
  readonly stop: StopConfig
  readonly clock: Clock
}

/** Threads that hang, and those for which no time is left, have this long all the same. */
const leastWait = seconds(1)

/** Waits for inference threads when everything else has ended: one that loads a model as the stop comes ends when it has loaded. */
export class ThreadsEnd {
  /** When everything is to be over, since a second stop has come. */
  #hurriedEnd = Infinity
  /** When they are given up, since the wait began. */
  #end = Infinity
  #giveUp: (() => void) | undefined
  #timer: TimerHandle

  constructor(private readonly options: ThreadsEndOptions) {}

  /** Resolves with whether all have ended, within what is left of a stop that has taken `taken` by now. Once. */
  wait(taken: Milliseconds): Promise<boolean> {
    const { threads, hung, stop, clock } = this.options
    const left = Math.min(stop.budget - taken, this.#hurriedEnd - clock.monotonic(), stop.inference)
    return new Promise((resolve) => {
      const time = hung.count > 0 ? leastWait : Math.max(left, leastWait)
      this.#end = clock.monotonic() + time
      this.#giveUp = () => resolve(false)
      this.#timer = clock.setTimeout(this.#giveUp, time)
      void threads.ended().then(() => {
        clock.clearTimeout(this.#timer)
        resolve(true)
      })
    })
  }

  /** A second stop cuts the wait short, and never makes it longer; what comes after it changes nothing. */
  hurry(): void {
    const { stop, clock } = this.options
    if (this.#hurriedEnd < Infinity) return
    this.#hurriedEnd = clock.monotonic() + stop.afterSecondSignal
    const time = milliseconds(Math.max(stop.afterSecondSignal, leastWait))
    if (this.#giveUp === undefined || clock.monotonic() + time >= this.#end) return
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(this.#giveUp, time)
  }
}

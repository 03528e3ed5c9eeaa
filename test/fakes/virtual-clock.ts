import { epochMs, type EpochMs, milliseconds, type Milliseconds } from '../../src/domain/units.ts'
import type { Clock, TimerHandle } from '../../src/ports/clock.ts'

interface Timer {
  readonly due: number
  readonly sequence: number
  readonly callback: () => void
}

/** 2^31 - 1 ms. */
const longestDelay = 2_147_483_647

/** 2026-01-01T00:00:00Z: where the wall clock of every test starts. */
const newYear = epochMs(Date.UTC(2026, 0, 1))

/**
 * Time that moves only when told to.
 *
 * Timers fire one at a time in the order (due, set): a timer that sets another due within the same `advance` sees it fire
 * at its own moment, and each callback reads the moment it was due. Promises are not flushed: see `settle`.
 */
export class VirtualClock implements Clock {
  readonly #heap: Timer[] = []
  /** Cancelled timers leave the heap when they reach its top. */
  readonly #set = new Set<TimerHandle>()
  #elapsed = 0
  #sequence = 0

  constructor(private wall: EpochMs = newYear) {}

  now = (): EpochMs => epochMs(this.wall + this.#elapsed)
  monotonic = (): Milliseconds => milliseconds(this.#elapsed)

  setTimeout = (callback: () => void, delay: number): TimerHandle => {
    // As Node's: what it cannot count, an endless or a missing delay too, is 1 ms.
    const counted = delay <= longestDelay ? Math.max(0, delay) : 1
    const timer = { due: this.#elapsed + counted, sequence: this.#sequence++, callback }
    push(this.#heap, timer)
    this.#set.add(timer)
    return timer
  }

  clearTimeout = (handle: TimerHandle): void => {
    this.#set.delete(handle)
  }

  /** Moves the wall clock by `by` milliseconds, either way, as NTP does; monotonic time and timers don't notice. */
  step(by: number): void {
    this.wall = epochMs(this.wall + by)
  }

  /** Lets `ms` pass in which nothing fires, as for a process that is held up: what came due fires late. */
  oversleep(ms: number): void {
    this.#elapsed += ms
  }

  /** Lets `ms` pass, firing what comes due, in order. */
  advance(ms: number): void {
    const until = this.#elapsed + ms
    while (this.fireNext(until));
    this.#elapsed = until
  }

  /** As `advance`, but lets promises settle before, between and after the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    await settle()
    while (this.fireNext(until)) await settle()
    this.#elapsed = until
    await settle()
  }

  /**
   * Moves to the next timer that is due no later than `until` and fires it; false if there is none. Of several that are due
   * at the same moment, `which` says, in the order in which they were set.
   */
  fireNext(until = Infinity, which: (count: number) => number = () => 0): boolean {
    const timer = this.#peek()
    if (timer === undefined || timer.due > until) return false
    const together = [timer]
    pop(this.#heap)
    for (let next = this.#peek(); next?.due === timer.due; next = this.#peek()) {
      together.push(next)
      pop(this.#heap)
    }
    const [fired = timer] = together.splice(together.length > 1 ? which(together.length) : 0, 1)
    for (const left of together) push(this.#heap, left)
    this.#set.delete(fired)
    this.#elapsed = Math.max(this.#elapsed, fired.due)
    fired.callback()
    return true
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#set.size
  }

  /** When the next timer is due, in monotonic time. */
  get nextDue(): Milliseconds | undefined {
    const timer = this.#peek()
    return timer && milliseconds(timer.due)
  }

  #peek(): Timer | undefined {
    for (let timer = this.#heap[0]; timer !== undefined; timer = this.#heap[0]) {
      if (this.#set.has(timer)) return timer
      pop(this.#heap)
    }
    return undefined
  }
}

/** Lets every promise that can settle without time or I/O settle. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
}

const before = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.sequence < b.sequence)

function push(heap: Timer[], timer: Timer): void {
  let at = heap.push(timer) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(timer, heap[parent] as Timer)) break
    heap[at] = heap[parent] as Timer
    at = parent
  }
  heap[at] = timer
}

function pop(heap: Timer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1] as Timer, heap[child] as Timer)) child++
    if (!before(heap[child] as Timer, last)) break
    heap[at] = heap[child] as Timer
    at = child
  }
  heap[at] = last
}

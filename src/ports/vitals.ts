import type { Milliseconds } from '../domain/units.ts'

/** How the process fares, as the operating system and the engine tell it. Answers at once. */
export interface Vitals {
  thread(): ThreadTimes
  /** The longest that the event loop has stood still since this was asked last. */
  standstill(): Standstill
  memory(): Memory
  /** Bytes that the system lets the process use: its control group's, or the machine's. */
  readonly memoryLimit: number
}

/** What the thread with the event loop has done since it began; not every kernel tells of processors. */
export interface ThreadTimes {
  /** It had a processor. */
  readonly ran?: Milliseconds
  /** It could have run, and other programs or threads had the processors. */
  readonly waited?: Milliseconds
  /** Of the time that it ran: it collected garbage. Known a moment later. */
  readonly collected: Milliseconds
}

export interface Standstill {
  /** At least so long; 0 where the event loop has always turned. */
  readonly lasted: Milliseconds
  /** Just before, and just after. */
  readonly before: ThreadTimes
  readonly after: ThreadTimes
}

/** Bytes of the whole process. */
export interface Memory {
  readonly resident: number
  /** JavaScript's objects. */
  readonly heap: number
  /** Pictures and other buffers that JavaScript holds. */
  readonly buffers: number
}

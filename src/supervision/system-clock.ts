import type { SupervisorClock } from './supervisor-clock.ts'

/** The machine's own time, for a root that is given no other; also what `createActor` takes as its `clock`. */
export const systemClock: SupervisorClock = {
  monotonic: () => performance.now(),
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: (handle) => clearTimeout(handle as ReturnType<typeof setTimeout>),
}

/** One number in [0, 1) a call. */
export const systemChance = (): number => Math.random()

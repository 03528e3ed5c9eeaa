const logics = new WeakSet<object>()

/** Remembers that `logic` is a supervisor's: its supervisor waits until all of its children have started, as OTP does. */
export function markSupervisor<T extends object>(logic: T): T {
  logics.add(logic)
  return logic
}

export const isSupervisor = (logic: object): boolean => logics.has(logic)

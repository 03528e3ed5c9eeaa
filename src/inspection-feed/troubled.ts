/** A paused camera is not among them: it is as somebody wants it. */
const troubled: ReadonlySet<string> = new Set([
  'backingOff',
  'backing_off',
  'refused',
  'full',
  'blocked',
  'failing',
  'stale',
  'frozen',
  'degraded',
  'wedged',
  'crashed',
  'restarting',
  'cut off',
])

/** Whether somebody should look at a machine, or at a supervisor's child, that is in this state. */
export const isTroubled = (state: string): boolean => troubled.has(state)

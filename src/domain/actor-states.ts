/** How a state is to be taken. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'off'

/** Every state of our machines, a supervisor's words for itself and its children, and how an actor without states ends. A test finds one that is missing. */
export const actorTones: Readonly<Record<Tone, readonly string[]>> = {
  good: ['streaming', 'serving', 'delivering', 'listening', 'writing', 'running', 'open', 'active', 'idle'],
  busy: [
    ...['starting', 'connecting', 'loading', 'binding', 'opening', 'scanning', 'restarting'],
    ...['draining', 'drainingUnconnected', 'stopping', 'closing'],
  ],
  warn: ['backingOff', 'backing_off', 'blocked', 'stale', 'frozen', 'degraded', 'cut off'],
  bad: ['crashed', 'refused', 'full', 'wedged', 'failing', 'failed'],
  /** A paused camera is as somebody wants it. */
  off: ['stopped', 'terminated', 'ended', 'done', 'finished', 'waiting', 'paused'],
}

const troubled: ReadonlySet<string> = new Set([...actorTones.warn, ...actorTones.bad, 'restarting'])

/** Whether somebody should look at a machine, or at a supervisor's child, that is in this state. */
export const isTroubled = (state: string): boolean => troubled.has(state)

/** States in which a part tries what it is there for. */
const trying: ReadonlySet<string> = new Set(['connecting', 'loading', 'opening', 'scanning', 'binding'])

export const isTrying = (state: string): boolean => trying.has(state)

/**
 * The state that tells whether a part is well. One that tries again is no better than it was before: a camera that takes
 * connections and never sends a picture would seem well for as long as each try lasts.
 */
export const tellingState = ({
  state,
  before: [last],
}: {
  readonly state: string
  /** The latest first. */
  readonly before: readonly { readonly state: string }[]
}): string => (last !== undefined && isTrying(state) ? last.state : state)

/** New pictures arrive, be they too few, or none are to be expected. */
const cameraIsUp: ReadonlySet<string> = new Set(['streaming', 'degraded', 'finished', 'paused'])

export const isCameraUp = (state: string): boolean => cameraIsUp.has(state)

const writerTakesRows: ReadonlySet<string> = new Set(['writing', 'blocked'])

export const isWriterRunning = (state: string): boolean => writerTakesRows.has(state)

const uploaderHasSession: ReadonlySet<string> = new Set(['delivering', 'failing', 'draining'])

/** The other states in which it runs. */
const uploaderHasNone: ReadonlySet<string> = new Set([
  ...['connecting', 'drainingUnconnected', 'backingOff', 'refused', 'full'],
])

/** What the state of the uploader's machine, or of its slot, says of it. */
export const uploaderIn = (state: string): { readonly running: boolean; readonly connected: boolean } => {
  const connected = uploaderHasSession.has(state)
  return { running: connected || uploaderHasNone.has(state), connected }
}

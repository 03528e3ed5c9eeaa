/** What one server takes on at most. */
export interface HttpLimits {
  /** Open feeds; one more is told so, and closed. */
  readonly feedClients: number
  /** Receivers of @xstate/inspect; one more is told so, and closed. */
  readonly inspectClients: number
  /** Bytes that may wait in one feed before messages are left out. */
  readonly feedBacklog: number
  /** A feed's client is asked for a sign of life this often. */
  readonly pingEveryMs: number
  /** Open connections of all kinds; one more is cut. */
  readonly connections: number
  /** A request that isn't in by then is cut. */
  readonly requestMs: number
  /** The answer to a wrong token waits this long. */
  readonly failureDelayMs: number
}

export const defaultHttpLimits: HttpLimits = {
  feedClients: 32,
  inspectClients: 8,
  feedBacklog: 1_000_000,
  pingEveryMs: 15_000,
  connections: 256,
  requestMs: 5_000,
  failureDelayMs: 250,
}

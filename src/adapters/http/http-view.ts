import type { DaemonState, Readiness } from '../../inspection-feed/protocol.ts'

/** What the server shows. Both are called for each request and answer at once; a throw is a bug and ends the server. */
export interface HttpView {
  state(): DaemonState
  readiness(): Readiness
}

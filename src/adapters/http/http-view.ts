import type { DaemonState, Readiness } from '../../inspection-feed/protocol.ts'

/** What the server shows. All are called for each request and answer at once; a throw is a bug and ends the server. */
export interface HttpView {
  state(): DaemonState
  readiness(): Readiness
  /** What has happened in the actor system, as far as it is kept, as the lines of a recording. */
  recording(): Iterable<string>
}

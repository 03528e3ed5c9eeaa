import type { Looked } from '../domain/inspected-picture.ts'
import type { ActorTally } from './actor-tally.ts'
import type { Feed } from './feed.ts'
import type { FileBook } from './file-protocol.ts'
import type { HeartFigures } from './heart-figures.ts'
import type { InspectBridge } from './inspect-bridge.ts'
import type { Operate } from './operator-commands.ts'
import type { DaemonState, Readiness } from './protocol.ts'
import type { TrendAnswer } from './trend-protocol.ts'

/** What the HTTP server shows of the daemon. What is a call is made with each request and answers at once; a throw is a bug and ends the server. */
export interface Shown {
  state(): DaemonState
  readiness(): Readiness
  /** What actors went through since the start. */
  readonly tally: Pick<ActorTally, 'of'>
  /** Lines of the log that could not be written, since the start. */
  logLinesDropped(): number
  readonly heart: HeartFigures
  /** Answers when the manifest has; rejects with an `OperatingError` where it cannot. */
  readonly files: FileBook
  /** What figures were over the last hours; words where the question is wrong. */
  trends(query: Readonly<Record<string, unknown>>): TrendAnswer | string
  /** What an operator asks for. */
  readonly operate: Operate
  /** What has happened in the actor system, as far as it is kept, as the lines of a recording. */
  recording(): Iterable<string>
  /** A camera's last inspected frame. */
  lastInspected(cameraId: string): Looked
  readonly feed: Feed
  /** For receivers of @xstate/inspect. */
  readonly inspect: Pick<InspectBridge, 'attach' | 'introduce' | 'commandOf' | 'answerTo'>
}

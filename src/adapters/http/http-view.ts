import type { ActorTally } from '../../inspection-feed/actor-tally.ts'
import type { FileBook } from '../../inspection-feed/file-book.ts'
import type { HeartFigures } from '../../inspection-feed/heart-figures.ts'
import type { Operate } from '../../inspection-feed/operator-commands.ts'
import type { DaemonState, Readiness } from '../../inspection-feed/protocol.ts'
import type { TrendAnswer } from '../../inspection-feed/trend-protocol.ts'
import type { Looked } from '../preview/previews.ts'

/** What the server shows. All is asked for with each request and answers at once; a throw is a bug and ends the server. */
export interface HttpView {
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
}

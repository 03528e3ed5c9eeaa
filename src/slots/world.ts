import type { CameraConfig } from '../config/config.ts'
import type { PictureSize } from '../domain/frame.ts'
import type { InspectedPicture } from '../domain/inspected-picture.ts'
import type { ActorTally } from '../inspection-feed/actor-tally.ts'
import type { Feed } from '../inspection-feed/feed.ts'
import type { FileBook } from '../inspection-feed/file-book.ts'
import type { HeartFigures } from '../inspection-feed/heart-figures.ts'
import type { Operate } from '../inspection-feed/operator-commands.ts'
import type { InspectBridge } from '../inspection-feed/inspect-bridge.ts'
import type { DaemonState, Readiness } from '../inspection-feed/protocol.ts'
import type { TrendAnswer } from '../inspection-feed/trend-protocol.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Gzip } from '../ports/gzip.ts'
import type { HttpServer } from '../ports/http-server.ts'
import type { LogSink } from '../ports/log.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { ModelThreads } from '../ports/model-runner.ts'
import type { Random } from '../ports/random.ts'
import type { SftpServer } from '../ports/sftp-session.ts'
import type { VideoSource } from '../ports/video-source.ts'
import type { Vitals } from '../ports/vitals.ts'

/** Everything that the daemon reaches beyond its own memory: one adapter for each port, or a test's double. */
export interface World {
  readonly clock: Clock
  readonly random: Random
  readonly log: LogSink
  readonly disk: Disk
  readonly gzip: Gzip
  /** Opens the manifest in the data folder, migrated. */
  openManifest(): Promise<Manifest>
  /** One camera's source; `size` is that of the pictures it is to deliver. */
  videoSource(camera: CameraConfig, size: PictureSize): VideoSource
  readonly modelRunner: ModelThreads
  readonly sftpServer: SftpServer
  httpServer(shown: Shown): HttpServer
  readonly vitals: Vitals
  /** Processors that inference may use. */
  readonly cores: number
}

/** What the HTTP server shows. */
export interface Shown {
  state(): DaemonState
  readiness(): Readiness
  readonly tally: ActorTally
  logLinesDropped(): number
  readonly operate: Operate
  readonly files: FileBook
  /** What figures were over the last hours; words where the question is wrong. */
  trends(query: Readonly<Record<string, unknown>>): TrendAnswer | string
  readonly heart: HeartFigures
  recording(): Iterable<string>
  /** `unknown`: there is no such camera. `none`: nothing of it has been inspected yet. */
  lastInspected(cameraId: string): InspectedPicture | 'unknown' | 'none'
  readonly feed: Feed
  readonly inspect: InspectBridge
}

import type { CameraConfig } from '../config/config.ts'
import type { PictureSize } from '../domain/frame.ts'
import type { Shown } from '../inspection-feed/shown.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Gzip } from '../ports/gzip.ts'
import type { HttpServer } from '../ports/http-server.ts'
import type { LogSink } from '../ports/log.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { ModelThreads } from '../ports/model-runner.ts'
import type { Random } from '../ports/random.ts'
import type { SftpConnector } from '../ports/sftp-session.ts'
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
  readonly sftpConnector: SftpConnector
  httpServer(shown: Shown): HttpServer
  readonly vitals: Vitals
  /** Processors that inference may use. */
  readonly cores: number
}

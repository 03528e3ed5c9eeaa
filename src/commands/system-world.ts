import { join } from 'node:path'
import { createGzip } from 'node:zlib'
import { NodeDisk } from '../adapters/disk/node-disk.ts'
import { HttpCounters } from '../adapters/http/http-figures.ts'
import { createHttpServer } from '../adapters/http/http-server.ts'
import { createPiscinaRunner } from '../adapters/inference/piscina-runner.ts'
import { openSqliteManifest } from '../adapters/manifest/open-manifest.ts'
import { createSftpConnector } from '../adapters/sftp/ssh2-connector.ts'
import { systemClock } from '../adapters/system-clock.ts'
import { systemRandom } from '../adapters/system-random.ts'
import { systemVitals } from '../adapters/system-vitals.ts'
import { usableCores } from '../adapters/usable-cores.ts'
import type { DownloadRoom } from '../adapters/video/download-room.ts'
import { createFfmpegSource } from '../adapters/video/ffmpeg-source.ts'
import { createHttpSource } from '../adapters/video/http-source.ts'
import { createSyntheticSource } from '../adapters/video/synthetic-source.ts'
import { VideoCache } from '../adapters/video/video-cache.ts'
import type { CameraConfig, Config, Credentials, SftpConfig } from '../config/config.ts'
import { milliseconds, seconds } from '../domain/units.ts'
import type { LogSink } from '../ports/log.ts'
import type { SftpConnector } from '../ports/sftp-session.ts'
import type { VideoSource } from '../ports/video-source.ts'
import type { World } from '../slots/world.ts'
import { downloadFolder } from '../storage/folders.ts'
import { pageFolder } from './page-folder.ts'

export interface SystemWorldOptions {
  readonly config: Config
  readonly log: LogSink
  /** Takes one of the next ports where the configured one is taken. */
  readonly portSearch?: boolean
}

/** This machine: its clocks, threads, processes, disk and network. */
export function systemWorld({ config, log, portSearch = false }: SystemWorldOptions): World {
  const { dataFolder, http } = config
  const disk = new NodeDisk(dataFolder)
  const counters = new HttpCounters()
  return {
    clock: systemClock,
    random: systemRandom,
    log,
    disk,
    gzip: createGzip,
    openManifest: () => openSqliteManifest(dataFolder),
    videoSource: videoSources(dataFolder, { leave: config.disk.pauseBelow, freeBytes: () => disk.freeBytes() }),
    modelRunner: createPiscinaRunner(),
    sftpConnector: sftpConnector(config.sftp),
    httpServer: (shown) =>
      createHttpServer({
        host: http.host,
        port: http.port,
        portSearch,
        tokens: { view: http.viewTokenHash, operate: http.operateTokenHash },
        inspectCommands: http.inspectCommands,
        shown,
        pageFolder,
        log: log.at('root/inspector'),
        counters,
      }),
    vitals: systemVitals(),
    cores: usableCores(),
  }
}

/** Downloaded videos take at most so much of the data folder's disk. */
const videoCacheBytes = 2 * 1024 ** 3

/** Cameras by the adapter for their kind; those of one data folder share a cache of downloaded videos. */
function videoSources(dataFolder: string, room: DownloadRoom): (camera: CameraConfig) => VideoSource {
  const clock = systemClock
  const cache = new VideoCache({ folder: join(dataFolder, downloadFolder), maxBytes: videoCacheBytes, room, clock })
  return ({ id: cameraId, source, fit, crop, fps, every, stallAfter }) => {
    // A backstop behind the camera's own watch, so never before it.
    const socketTimeout = milliseconds(Math.max(seconds(30), stallAfter === 'auto' ? 0 : 2 * stallAfter))
    const skip = fps === 'all' ? {} : { fps }
    const common = { cameraId, fit, clock, every, ...skip, ...(crop && { crop }) }
    switch (source.type) {
      case 'synthetic':
        return createSyntheticSource({ ...common, seed: source.seed, rate: source.rate })
      case 'file':
        return createFfmpegSource({ ...common, input: { type: 'file', path: source.path, loop: source.loop } })
      case 'device': {
        const { path, size, rate, format } = source
        const asked = { ...(size && { size }), ...(rate !== undefined && { rate }), ...(format && { format }) }
        const input = { type: 'device', path, ...asked } as const
        return createFfmpegSource({ ...common, input })
      }
      case 'rtsp': {
        const { url, transport } = source
        const input = { type: 'rtsp', url, transport, ...credentials(source.credentials) } as const
        return createFfmpegSource({ ...common, socketTimeout, input })
      }
      case 'http':
        return createHttpSource({
          ...common,
          url: source.url,
          loop: source.loop,
          cache,
          ...credentials(source.credentials),
        })
    }
  }
}

const credentials = (given: Credentials | undefined) =>
  given === undefined ? {} : { credentials: { username: given.username, password: given.password.reveal() } }

/** For a command that has a single session, and ends. Not every server likes to be asked for a second channel. */
export const sftpConnectorForOne = (config: SftpConfig): SftpConnector => sftpConnector({ ...config, channels: 1 })

export function sftpConnector(config: SftpConfig): SftpConnector {
  const { host, port, username, agent, hostKey, channels, connectTimeout, operationTimeout } = config
  const password = config.password?.reveal()
  const privateKey = config.privateKey?.reveal()
  const passphrase = config.passphrase?.reveal()
  return createSftpConnector({
    host,
    port,
    username,
    hostKey,
    channels,
    connectTimeout,
    operationTimeout,
    clock: systemClock,
    ...(password !== undefined && { password }),
    ...(privateKey !== undefined && { privateKey }),
    ...(passphrase !== undefined && { passphrase }),
    ...(agent !== undefined && { agent }),
  })
}

import { temporaryFolder } from '../../delivery/remote-names.ts'
import type { Loose } from '../../actors/loose.ts'
import type { CameraConfig, Config } from '../../config/config.ts'
import { openFolder } from '../../domain/data-folder.ts'
import type { PictureSize } from '../../domain/frame.ts'
import { largestInput, type LoadedModel } from '../../domain/model.ts'
import { manifestFiles } from '../../domain/manifest-files.ts'
import { minutes } from '../../domain/units.ts'
import type { Disk } from '../../ports/disk.ts'
import type { ModelRunner } from '../../ports/model-runner.ts'
import type { SftpConnector } from '../../ports/sftp-session.ts'
import { modelUses } from '../../config/model-uses.ts'
import { firstPictureWithin, noPictureAdvice } from '../../config/first-picture.ts'
import { seriesOfCamera } from '../../slots/series-of.ts'
import type { World } from '../../slots/world.ts'
import { backupFolder, downloadFolder, packingFolder } from '../../storage/folders.ts'
import { checkCamera } from './check-camera.ts'
import { checkDataFolder, type DataFolderToCheck } from './check-data-folder.ts'
import { type AddressToCheck, checkHttp } from './check-http.ts'
import type { CheckLine, CheckRun } from './check-line.ts'
import { checkModel } from './check-model.ts'
import { probeName } from './check-probe.ts'
import { checkSftp } from './check-sftp.ts'

/** What the checks reach beyond their own memory. */
export interface CheckWorld extends Pick<World, 'random' | 'videoSource' | 'sftpConnector'> {
  readonly modelRunner: ModelRunner
  /** As `sftpConnector`, held to no host key at all. */
  readonly keylessSftpConnector: SftpConnector
  /** The data folder, or the nearest one above it that exists: absolute, and its disk. */
  readonly existingFolder: string
  readonly disk: Disk
  /** @throws {DiskError} one of these, in `existingFolder`, is there and cannot be written by this user. */
  readonly expectWritable: (names: readonly string[]) => Promise<void>
  /** As `DataFolderToCheck` has it. */
  readonly manifestVersion: DataFolderToCheck['manifestVersion']
  readonly address: AddressToCheck
}

const camerasAtOnce = 4
/** A video on the web is downloaded whole before its first picture. */
const downloadLimit = minutes(2)

/**
 * Tries all that `config` names, each part whatever becomes of the others; the lines are in the order of the data's way.
 * `threads` keeps what must not be ended: the process may end only when it has settled.
 */
export async function checkEverything(
  config: Config,
  world: CheckWorld,
  threads: Loose,
  run: CheckRun,
): Promise<CheckLine[]> {
  const { sftpConnector: server, keylessSftpConnector: keyless, existingFolder: existing, disk, random } = world
  const [video, sftp, data, http] = await Promise.all([
    checkVideo(config, world, threads, run),
    checkSftp({ ...config.sftp, server, keyless, folders: remoteFolders(config), probeName: probeName(random) }, run),
    checkDataFolder(
      {
        ...{ folder: config.dataFolder, existing, disk, probeName: probeName(random) },
        expectWritable: () => world.expectWritable(writtenIn(config)),
        manifestVersion: world.manifestVersion,
        ...{ pauseBelow: config.disk.pauseBelow, reserve: config.disk.reserve },
      },
      run,
    ),
    checkHttp(world.address, run),
  ])
  return [...video, data, sftp, http]
}

function remoteFolders({ cameras, sftp }: Config): string[] {
  const ofCameras = cameras.flatMap(seriesOfCamera)
  return sftp.temporary === 'folder' ? [temporaryFolder, ...ofCameras] : ofCameras
}

/** Of the data folder. A run under another user may have left some of it to that one. */
const writtenIn = ({ cameras }: Config): string[] => [
  ...(cameras.some(({ source }) => source.type === 'http') ? [downloadFolder] : []),
  ...manifestFiles,
  ...[openFolder, packingFolder, backupFolder],
  ...cameras.map(({ id }) => id),
  ...cameras.flatMap(seriesOfCamera),
]

/** The models first, one after the other: they say how large the cameras' pictures are, and time alone is time well told. */
async function checkVideo(config: Config, world: CheckWorld, threads: Loose, run: CheckRun): Promise<CheckLine[]> {
  const runner = world.modelRunner
  const { deadline } = config.inference
  const models = []
  for (const model of config.models)
    models.push(
      await checkModel({ ...model, providers: config.inference.providers }, { runner, deadline, threads }, run),
    )
  const loaded = models.flatMap((model) => model.loaded ?? [])
  const cameras = await mapSome(config.cameras, camerasAtOnce, (camera) => {
    const size = pictureSize(camera, loaded)
    const limit = camera.source.type === 'http' ? downloadLimit : firstPictureWithin(camera)
    const advice = noPictureAdvice(camera.source)
    return checkCamera(
      { cameraId: camera.id, source: world.videoSource(camera, size), size, deadline: limit, advice },
      run,
    )
  })
  return [...cameras, ...models.map(({ line }) => line)]
}

/** For a camera whose models were all refused; what it sends can be tried all the same. */
const anySize: PictureSize = { width: 640, height: 640 }

function pictureSize(camera: CameraConfig, loaded: readonly LoadedModel[]): PictureSize {
  if (camera.picture !== 'auto') return camera.picture
  const names = modelUses(camera).map(({ model }) => model)
  const own = loaded.filter(({ name }) => names.includes(name))
  return own.length === 0 ? anySize : largestInput(own)
}

/** The results in the order of `items`, at most `limit` of them in the making. */
async function mapSome<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const waiting = items.entries()
  const lane = async () => {
    for (const [at, item] of waiting) results[at] = await work(item)
  }
  await Promise.all(Array.from({ length: limit }, lane))
  return results
}

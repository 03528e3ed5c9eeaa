import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { CameraUnreachableError } from '../../domain/camera-errors.ts'
import { DiskError } from '../../domain/disk-error.ts'
import type { CameraId } from '../../domain/ids.ts'
import { type Milliseconds, seconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DownloadRoom } from './download-room.ts'
import type { Credentials } from './ffmpeg-command.ts'
import { makeFolder } from '../make-folder.ts'
import { type Download, download, isForWantOfRoom } from './http-download.ts'
import { Tenancy } from './tenancy.ts'
import { hasName, readVersion, type VideoVersion, writeVersion } from './video-version.ts'

export interface VideoCacheOptions {
  /** Belongs to the cache alone. */
  readonly folder: string
  /** Of all videos together, and so of each; what is being downloaded comes on top. */
  readonly maxBytes: number
  /** What downloads leave free on the disk; nothing if not given. */
  readonly room?: DownloadRoom
  readonly clock: Clock
  /** A server that sends nothing for so long is given up. Default 15 s. */
  readonly silence?: Milliseconds
}

/** A video on the disk that stays there until `release`. */
export interface CachedVideo {
  readonly path: string
  /** For people: why it may be an old one; `undefined` where the server has no other. */
  readonly remark: string | undefined
  release(): void
}

type Wanted = Pick<Download, 'cameraId' | 'url' | 'credentials' | 'signal'>

interface Entry {
  readonly tenancy: Tenancy
  /** How many read it. */
  readers: number
  /** What the server calls the version of which a part is here. */
  validator: string | undefined
}

/**
 * Videos from the web, by the digest of their address: downloaded once, and again when the server has another version, kept while
 * there is room, the longest unused removed first. A server that gives its versions no names is asked once.
 */
export class VideoCache {
  readonly #entries = new Map<string, Entry>()
  #cleaned: Promise<void> = Promise.resolve()

  constructor(private readonly options: VideoCacheOptions) {}

  /**
   * The video at `url`, downloaded if it isn't here, or the server has another by now. Two who ask for the same one share a download.
   *
   * An attempt that fails leaves what it got, unless the disk has no room; the next goes on there if the server can. While the server cannot be reached, or the
   * disk has no room for another one, what is here is given, with a remark. @throws as `download`; {DiskError}
   */
  async get(
    cameraId: CameraId,
    url: string,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ): Promise<CachedVideo> {
    const { folder, clock } = this.options
    const name = digest(url)
    const path = join(folder, `${name}.video`)
    const entry = this.#entry(name)
    const leave = await entry.tenancy.enter(signal)
    entry.readers++
    let remark: string | undefined
    try {
      await onDisk(makeFolder(folder))
      remark = await this.#bringUpToDate({ cameraId, url, credentials, signal }, name, entry)
      const now = new Date(clock.now())
      await onDisk(utimes(path, now, now))
      await this.clean()
    } catch (error) {
      entry.readers--
      throw error
    } finally {
      leave()
    }
    let released = false
    return {
      path,
      remark,
      release: () => {
        if (!released) entry.readers--
        released = true
      },
    }
  }

  /** Returns why what is here may be an old one. */
  async #bringUpToDate(wanted: Wanted, name: string, entry: Entry): Promise<string | undefined> {
    const { folder, maxBytes, room, clock, silence = seconds(15) } = this.options
    const at = (ending: string) => join(folder, `${name}.${ending}`)
    const [path, part, version] = [at('video'), at('part'), at('version')]
    const isHere = (await statOf(path)) !== undefined
    const had = isHere ? await readVersion(version) : undefined
    if (had !== undefined && !hasName(had)) return undefined
    const bytes = (await statOf(part))?.size
    const begun =
      bytes === undefined || entry.validator === undefined ? undefined : { bytes, validator: entry.validator }
    const onBegin = (validator: string | undefined): void => void (entry.validator = validator)
    let got: VideoVersion | undefined
    try {
      got = await download({ ...wanted, path: part, begun, had, maxBytes, room, silence, clock, onBegin })
    } catch (error) {
      if (!isHere || !(error instanceof CameraUnreachableError || isForWantOfRoom(error))) throw error
      const why = error instanceof CameraUnreachableError ? error.detail : error.message
      return `It is the video that was downloaded before, and maybe an old one: ${why}`
    }
    if (got === undefined) return undefined
    entry.validator = undefined
    // A version is never beside another's video: where it is missing, the video is downloaded again.
    await onDisk(rm(version, { force: true }))
    // Renamed when it is whole. That may be lost by a power cut; then it is downloaded again.
    await onDisk(rename(part, path))
    await onDisk(writeVersion(version, got))
    return undefined
  }

  /** Removes a video that turned out to be none, so that the next `get` downloads it again. */
  async forget(url: string): Promise<void> {
    await this.#remove(digest(url))
  }

  async #remove(name: string): Promise<void> {
    for (const ending of ['version', 'video']) {
      await onDisk(rm(join(this.options.folder, `${name}.${ending}`), { force: true }))
    }
  }

  /** Removes what nobody will go on with, and the longest unused videos until the others are within the bound. @throws {DiskError} */
  clean(): Promise<void> {
    const cleaned = this.#cleaned.then(() => this.#clean())
    // One at a time; who waits for an earlier one doesn't care how that went.
    this.#cleaned = cleaned.catch(() => undefined)
    return cleaned
  }

  async #clean(): Promise<void> {
    const { folder, maxBytes } = this.options
    await onDisk(makeFolder(folder))
    const names = await onDisk(readdir(folder))
    const abandoned = names.filter(
      (name) => name.endsWith('.part') && !this.#entries.has(name.slice(0, -'.part'.length)),
    )
    for (const name of abandoned) await onDisk(rm(join(folder, name), { force: true }))

    const videos = await Promise.all(names.filter((name) => name.endsWith('.video')).map((name) => this.#video(name)))
    // What is being read stays, and leaves the less room to the others.
    const latestFirst = videos.sort((a, b) => Number(b.isRead) - Number(a.isRead) || b.usedAt - a.usedAt)
    let total = 0
    for (const video of latestFirst) {
      total += video.bytes
      if (total > maxBytes && !video.isRead) {
        await this.#remove(video.name)
        total -= video.bytes
      }
    }
  }

  async #video(file: string) {
    const found = await statOf(join(this.options.folder, file))
    const name = file.slice(0, -'.video'.length)
    const entry = this.#entries.get(name)
    // One that has been forgotten meanwhile takes no room.
    return {
      name,
      bytes: found?.size ?? 0,
      usedAt: found?.mtimeMs ?? 0,
      isRead: entry !== undefined && entry.readers > 0,
    }
  }

  /** One for each address of the configuration, so they are few. */
  #entry(name: string): Entry {
    let entry = this.#entries.get(name)
    if (entry === undefined)
      this.#entries.set(name, (entry = { tenancy: new Tenancy(), readers: 0, validator: undefined }))
    return entry
  }
}

const digest = (url: string): string => createHash('sha256').update(url).digest('hex').slice(0, 32)

/** `undefined` where there is no such file. */
const statOf = (path: string): Promise<Stats | undefined> =>
  onDisk(
    stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    }),
  )

async function onDisk<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    const { syscall, path, code } = error as NodeJS.ErrnoException
    if (syscall === undefined) throw error
    throw new DiskError(syscall, path ?? '', code ?? 'unknown', { cause: error })
  }
}

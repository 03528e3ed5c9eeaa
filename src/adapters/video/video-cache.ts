import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { DiskError } from '../../domain/disk-error.ts'
import type { CameraId } from '../../domain/ids.ts'
import { type Milliseconds, seconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DownloadRoom } from './download-room.ts'
import type { Credentials } from './ffmpeg-command.ts'
import { makeFolder } from '../make-folder.ts'
import { download } from './http-download.ts'
import { Tenancy } from './tenancy.ts'

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
  release(): void
}

interface Entry {
  readonly tenancy: Tenancy
  /** How many read it. */
  readers: number
  /** What the server calls the version of which a part is here. */
  validator: string | undefined
}

/**
 * Videos from the web, by the digest of their address: downloaded once, kept while there is room, the longest unused removed first.
 * A video that has changed at the server wants another address, or `forget`.
 */
export class VideoCache {
  readonly #entries = new Map<string, Entry>()
  #cleaned: Promise<void> = Promise.resolve()

  constructor(private readonly options: VideoCacheOptions) {}

  /**
   * The video at `url`, downloaded if it isn't here. Two who ask for the same one share a download.
   *
   * An attempt that fails leaves what it got, unless the disk has no room; the next goes on there if the server can. @throws as `download`; {DiskError}
   */
  async get(
    cameraId: CameraId,
    url: string,
    credentials: Credentials | undefined,
    signal: AbortSignal,
  ): Promise<CachedVideo> {
    const { folder, maxBytes, room, clock, silence = seconds(15) } = this.options
    const limits = { maxBytes, room, silence, clock }
    const name = digest(url)
    const path = join(folder, `${name}.video`)
    const part = join(folder, `${name}.part`)
    const entry = this.#entry(name)
    const leave = await entry.tenancy.enter(signal)
    entry.readers++
    try {
      await onDisk(makeFolder(folder))
      if ((await statOf(path)) === undefined) {
        const bytes = (await statOf(part))?.size
        const begun =
          bytes === undefined || entry.validator === undefined ? undefined : { bytes, validator: entry.validator }
        const onBegin = (validator: string | undefined): void => void (entry.validator = validator)
        await download({ cameraId, url, credentials, path: part, begun, ...limits, signal, onBegin })
        entry.validator = undefined
        // Rename last: what has the final name is whole. It may be lost by a power cut; then it is downloaded again.
        await onDisk(rename(part, path))
      }
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
      release: () => {
        if (!released) entry.readers--
        released = true
      },
    }
  }

  /** Removes a video that turned out to be none, so that the next `get` downloads it again. */
  async forget(url: string): Promise<void> {
    await onDisk(rm(join(this.options.folder, `${digest(url)}.video`), { force: true }))
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
        await onDisk(rm(video.path, { force: true }))
        total -= video.bytes
      }
    }
  }

  async #video(name: string) {
    const path = join(this.options.folder, name)
    const found = await statOf(path)
    const entry = this.#entries.get(name.slice(0, -'.video'.length))
    // One that has been forgotten meanwhile takes no room.
    return {
      path,
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

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { pipeline } from 'node:stream/promises'
import {
  CameraAuthenticationError,
  CameraPathError,
  CameraRefusedError,
  CameraUnreachableError,
  VideoRoomError,
} from '../../domain/camera-errors.ts'
import { DiskError } from '../../domain/disk-error.ts'
import { OperatingError } from '../../domain/errors.ts'
import type { CameraId } from '../../domain/ids.ts'
import { messageOf } from '../../domain/message-of.ts'
import { isNoRoom } from '../../domain/no-room.ts'
import type { Milliseconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import { systemLookup } from '../system-lookup.ts'
import { type DownloadRoom, RoomWatch } from './download-room.ts'
import type { Credentials } from './ffmpeg-command.ts'
import { adviceOnRedirects, mostRedirects, redirectOf, shownAddress } from './http-redirect.ts'
import { SilenceWatch } from './silence-watch.ts'
import { unlessSame, type VideoVersion } from './video-version.ts'

export interface Download {
  readonly cameraId: CameraId
  readonly url: string
  /** For Basic authentication; not sent on to another origin. */
  readonly credentials: Credentials | undefined
  /** Where it is written. */
  readonly path: string
  /** What an earlier attempt has left in `path`; `undefined`: begin anew. */
  readonly begun: Begun | undefined
  /** The version that is had already: it is not downloaded again. */
  readonly had: VideoVersion | undefined
  /** A larger video is refused. */
  readonly maxBytes: number
  /** It has to leave that; anything may be taken if not given. */
  readonly room?: DownloadRoom | undefined
  /** The server may send nothing for so long. */
  readonly silence: Milliseconds
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told what a later attempt may go on with, before any of it is written; `undefined` where there is nothing, or the server can't go on. */
  readonly onBegin: (validator: string | undefined) => void
}

export interface Begun {
  readonly bytes: number
  /** The server's own name for that version of the video: its strong `ETag`. */
  readonly validator: string
}

/**
 * Writes what stands at `url` into `path`, going on with what is there where the server still has the same version.
 * `undefined`: the server has the version that is had already, and nothing was written.
 *
 * @throws {CameraAuthenticationError | CameraPathError | CameraRefusedError | CameraUnreachableError} as a camera's.
 * @throws {DiskError} it cannot be written.
 * @throws {VideoRoomError} it would take room that others need. What there is of it is removed then, and where the disk is full.
 * @throws {signal.reason} no socket is left then.
 */
export async function download(job: Download): Promise<VideoVersion | undefined> {
  const silence = new SilenceWatch(job.clock, job.silence)
  const signal = AbortSignal.any([job.signal, silence.signal])
  try {
    return await follow(job, new URL(job.url), mostRedirects, silence, signal)
  } catch (error) {
    job.signal.throwIfAborted()
    if (silence.signal.aborted) throw unreachable(job, `sent nothing for ${job.silence / 1000} s`, error)
    // Where that fails too, what failed first is what is told.
    if (isForWantOfRoom(error)) await rm(job.path, { force: true }).catch(() => undefined)
    if (error instanceof OperatingError) throw error
    throw unreachable(job, messageOf(error), error)
  } finally {
    silence.heard()
  }
}

/** The video would take room on our own disk that others need, or has filled it. */
export const isForWantOfRoom = (error: unknown): error is VideoRoomError | DiskError =>
  error instanceof VideoRoomError || (error instanceof DiskError && isNoRoom(error.systemCode))

async function follow(
  job: Download,
  url: URL,
  redirects: number,
  silence: SilenceWatch,
  signal: AbortSignal,
): Promise<VideoVersion | undefined> {
  const { credentials, begun, had } = job
  const mayLogIn = credentials !== undefined && url.origin === new URL(job.url).origin
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
    // A connection of its own, that ends with the answer.
    agent: false,
    lookup: systemLookup,
    headers: {
      ...(begun && { range: `bytes=${begun.bytes}-`, 'if-range': begun.validator }),
      ...(had && unlessSame(had)),
    },
    ...(mayLogIn ? { auth: `${credentials.username}:${credentials.password}` } : {}),
    signal,
  })
  const closed = new Promise((resolve) => request.on('close', resolve))
  // Until the answer comes, `once` hears its errors; after it, the answer has them.
  request.on('error', () => undefined)
  try {
    silence.listen()
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    silence.heard()
    const redirect = redirectOf(url, response)
    if (redirect !== undefined) {
      if (redirect.type === 'refused') throw refused(job, redirect.detail, redirect.advice)
      if (redirects === 0) {
        const detail = `redirects more than ${mostRedirects} times, at last to ${shownAddress(redirect.url)}`
        throw refused(job, detail, adviceOnRedirects)
      }
      request.destroy()
      return await follow(job, redirect.url, redirects - 1, silence, signal)
    }
    if (response.statusCode === 304 && had !== undefined) return undefined
    await save(job, response, silence, signal)
    return { etag: response.headers.etag, modified: response.headers['last-modified'] }
  } finally {
    request.destroy()
    await closed
  }
}

async function save(
  job: Download,
  response: IncomingMessage,
  silence: SilenceWatch,
  signal: AbortSignal,
): Promise<void> {
  const range = rangeOf(response)
  const goesOn = response.statusCode === 206 && range?.start === job.begun?.bytes
  if (!goesOn) {
    // There is nothing after what we have, or so the server says, or it gives another part: the next attempt begins anew.
    if (response.statusCode === 416 || response.statusCode === 206) job.onBegin(undefined)
    refuse(job, response)
  }
  const before = goesOn ? (job.begun?.bytes ?? 0) : 0
  const tooLarge = (bytes: number): boolean => before + bytes > job.maxBytes
  const refuseSize = (): never => {
    throw new CameraPathError(
      job.cameraId,
      `${shown(job)}: larger than the ${job.maxBytes} bytes that are allowed for it`,
    )
  }
  const length = response.headers['content-length']
  if (tooLarge(Number(length ?? 0))) refuseSize()
  const room = new RoomWatch(job.cameraId, job.room, length === undefined ? undefined : Number(length))
  let received = 0
  await room.received(received)

  // Only while a chunk is waited for: how long it takes to write one is not the server's doing.
  async function* counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    silence.listen()
    for await (const chunk of chunks) {
      silence.heard()
      received += chunk.length
      if (tooLarge(received)) refuseSize()
      await room.received(received)
      yield chunk
      silence.listen()
    }
    silence.heard()
  }
  // Where the file cannot be opened, what there is of another version stays in it.
  if (!goesOn) job.onBegin(undefined)
  const file = createWriteStream(job.path, { flags: goesOn ? 'a' : 'w' })
  file.on('open', () => job.onBegin(validatorOf(response)))
  await pipeline(response, counted, file, { signal }).catch((error: NodeJS.ErrnoException) => {
    const { syscall, code } = error
    // Of the two ends of this pipe only the file's makes these calls.
    if (syscall === 'open' || syscall === 'write')
      throw new DiskError(syscall, job.path, code ?? 'unknown', { cause: error })
    throw error
  })
  const total = goesOn ? range?.total : undefined
  if (total !== undefined && before + received !== total) {
    throw unreachable(job, `sent bytes up to ${before + received} of ${total}, and ended; the next try goes on there`)
  }
}

/** Throws unless the answer is a video from its beginning. */
function refuse(job: Download, { statusCode: status = 0, statusMessage = '', headers }: IncomingMessage): void {
  const detail = `${shown(job)}: ${status} ${statusMessage}`
  if (status === 200) return refuseStream(job, headers['content-type'] ?? '')
  if (status === 401 || status === 403) throw new CameraAuthenticationError(job.cameraId, detail)
  if (status === 404 || status === 410) throw new CameraPathError(job.cameraId, detail)
  throw new CameraUnreachableError(job.cameraId, detail)
}

/** What has no end cannot be downloaded whole. */
function refuseStream(job: Download, contentType: string): void {
  const kind = /^multipart\/x-mixed-replace/i.test(contentType)
    ? 'a stream of JPEGs without end'
    : /^(application|audio)\/(vnd\.apple\.|x-)?mpegurl/i.test(contentType)
      ? 'a playlist (HLS)'
      : undefined
  if (kind === undefined) return
  const detail = `${shown(job)} is ${kind} (${contentType}), and no video file. Use the camera's RTSP address, with type: rtsp`
  throw new CameraPathError(job.cameraId, detail)
}

const unreachable = (job: Download, detail: string, cause?: unknown): CameraUnreachableError =>
  new CameraUnreachableError(job.cameraId, `${shown(job)}: ${detail}`, { cause })

const refused = (job: Download, detail: string, advice: string): CameraRefusedError =>
  new CameraRefusedError(job.cameraId, `${shown(job)} ${detail}`, advice)

const shown = ({ url }: Download): string => shownAddress(new URL(url))

/** Which part of how many bytes a server sends; `undefined`: it doesn't say. */
function rangeOf({ headers }: IncomingMessage): { start: number; total: number | undefined } | undefined {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  return start === undefined ? undefined : { start: Number(start), total: total === '*' ? undefined : Number(total) }
}

/** A weak tag (`W/…`) names versions that are alike, not the same. */
const validatorOf = ({ headers }: IncomingMessage): string | undefined =>
  headers['accept-ranges'] === 'none' || headers.etag?.startsWith('W/') === true ? undefined : headers.etag

import { CameraPathError } from '../../domain/camera-errors.ts'
import type { FrameSink } from '../../ports/frame-sink.ts'
import type { VideoSource, VideoStream } from '../../ports/video-source.ts'
import type { Credentials } from './ffmpeg-command.ts'
import { type FfmpegSourceOptions, createFfmpegSource } from './ffmpeg-source.ts'
import { Tenancy } from './tenancy.ts'
import type { CachedVideo, VideoCache } from './video-cache.ts'

export interface HttpSourceOptions extends Omit<FfmpegSourceOptions, 'input' | 'socketTimeout'> {
  /** Of a video, `http:` or `https:`, without user name and password. */
  readonly url: string
  readonly credentials?: Credentials
  /** Starts again at its end, for ever. */
  readonly loop?: boolean
  /** Shared by all cameras of the kind. */
  readonly cache: VideoCache
}

/** A video at an address: downloaded whole if it isn't in the cache, then read like any recording. */
export function createHttpSource({
  url,
  credentials,
  loop = false,
  cache,
  ...options
}: HttpSourceOptions): VideoSource {
  const tenancy = new Tenancy()

  const play = async (
    video: CachedVideo,
    sink: FrameSink,
    signal: AbortSignal,
    leave: () => void,
  ): Promise<VideoStream> => {
    const source = createFfmpegSource({ ...options, input: { type: 'file', path: video.path, loop } })
    try {
      const stream = await source.open(sink, signal)
      return video.remark === undefined ? stream : { ...stream, remark: video.remark }
    } catch (error) {
      // What has been downloaded is no video; it may have been mended at the server by the next time.
      if (error instanceof CameraPathError) await cache.forget(url)
      throw error
    } finally {
      void source.released().then(() => {
        video.release()
        leave()
      })
    }
  }

  const open = async (sink: FrameSink, signal: AbortSignal): Promise<VideoStream> => {
    signal.throwIfAborted()
    const leave = await tenancy.enter(signal)
    let video: CachedVideo
    try {
      video = await cache.get(options.cameraId, url, credentials, signal)
    } catch (error) {
      leave()
      throw error
    }
    return play(video, sink, signal, leave)
  }
  return { open, released: () => tenancy.vacant() }
}

import type { Box } from '../../domain/fitting.ts'
import type { Fit } from '../../domain/frame.ts'
import { CameraUnreachableError } from '../../domain/camera-errors.ts'
import type { CameraId } from '../../domain/ids.ts'
import { type Milliseconds, seconds } from '../../domain/units.ts'
import type { Clock } from '../../ports/clock.ts'
import type { FrameSink } from '../../ports/frame-sink.ts'
import type { VideoSource, VideoStream } from '../../ports/video-source.ts'
import { settledOrAborted } from '../settled-or-aborted.ts'
import { type FfmpegInput, type FfmpegRun, ffmpegCommand, secretsOf } from './ffmpeg-command.ts'
import { FfmpegStream } from './ffmpeg-stream.ts'
import { knock } from './knock.ts'
import { PicturePipe } from './picture-pipe.ts'
import { PictureReader } from './picture-reader.ts'
import { redactor } from './redact.ts'
import { Tenancy } from './tenancy.ts'

export interface FfmpegSourceOptions {
  readonly cameraId: CameraId
  readonly input: FfmpegInput
  readonly fit: Fit
  /** What is cut out of the camera's picture, in its pixels; without it, nothing. */
  readonly crop?: Box
  /** Of so many pictures one; without it, all. */
  readonly every?: number
  /** Pictures a second at most; without it, all. */
  readonly fps?: number
  /** ffmpeg gives up a peer that has been silent for so long; a backstop behind the caller's own watch. Default 30 s. */
  readonly socketTimeout?: Milliseconds
  readonly clock: Clock
  /** The program to run; default `ffmpeg`, from the PATH. */
  readonly ffmpeg?: string
}

/** A file, an RTSP camera or a local device, through one ffmpeg process per `open`, which scales to the sink's size. */
export function createFfmpegSource(options: FfmpegSourceOptions): VideoSource {
  const { cameraId, input, fit, crop, every = 1, fps, clock, ffmpeg = 'ffmpeg', socketTimeout = seconds(30) } = options
  const tenancy = new Tenancy()
  const redact = redactor(input.type === 'rtsp' ? secretsOf(input) : [])

  const open = async (sink: FrameSink, signal: AbortSignal): Promise<VideoStream> => {
    signal.throwIfAborted()
    const leave = await tenancy.enter(signal)
    // A recording is read as fast as a lossless sink takes it; a camera has its own pace.
    const run = {
      input,
      size: sink.size,
      fit,
      every,
      fromKeyPicture: input.type === 'rtsp' && !beginsByItself,
      unpaced: sink.lossless,
      socketTimeout,
      ...(fps === undefined ? {} : { fps }),
      ...(crop === undefined ? {} : { crop }),
    }
    let stream: FfmpegStream | undefined
    try {
      stream = await start(run, sink, signal)
    } finally {
      // What did not start has left nothing.
      void (stream?.ended ?? Promise.resolve()).then(() => {
        beginsByItself ||= stream?.codec === 'h264'
        leave()
      })
    }
    stream.began.then(
      () => (wasAway = false),
      // One that was given up before its first picture may be a host that swallows all that it is sent.
      (error: unknown) => (wasAway = error instanceof CameraUnreachableError || signal.aborted),
    )
    return settledOrAborted(stream.began, signal)
  }

  // H.264's decoder gives nothing that it had to make up, and a stream may be renewed part by part, without a key picture.
  let beginsByItself = false

  // A camera that was away may still be: most tries of one that is down end here.
  let wasAway = false
  const checkPresence = async (signal: AbortSignal): Promise<void> => {
    const absence = wasAway && input.type === 'rtsp' ? await knock(input.url, { clock, signal }) : undefined
    if (absence !== undefined) throw new CameraUnreachableError(cameraId, absence)
  }

  const start = async (run: FfmpegRun, sink: FrameSink, signal: AbortSignal): Promise<FfmpegStream> => {
    await checkPresence(signal)
    let announce: () => void = () => undefined
    const firstPicture = new Promise<void>((resolve) => (announce = resolve))
    const reader = new PictureReader(sink, () => clock.now(), announce)
    const pipe = await PicturePipe.open(reader, sink).catch((error: NodeJS.ErrnoException) => {
      throw new CameraUnreachableError(
        cameraId,
        `no socket for its pictures could be made: ${error.code ?? error.message}`,
      )
    })
    if (signal.aborted) pipe.discard()
    signal.throwIfAborted()
    const command = ffmpegCommand(run)
    const skips = { every, fps }
    const parts = { cameraId, input, crop, command, ffmpeg, redact, clock, sink, pipe, firstPicture, signal }
    return new FfmpegStream({ ...parts, ...skips })
  }
  return { open, released: () => tenancy.vacant() }
}

import { StreamLostError } from '../domain/camera-errors.ts'
import type { PictureSize } from '../domain/frame.ts'
import type { CameraId } from '../domain/ids.ts'
import type { StreamBegan } from '../machines/camera-machine.ts'
import type { FrameSink } from '../ports/frame-sink.ts'
import type { VideoSource } from '../ports/video-source.ts'
import { fromEvents } from './from-events.ts'
import type { Loose } from './loose.ts'

/** The camera's lane, as a stream fills it. */
export interface StreamSink extends FrameSink {
  beginStream(sourceSize: PictureSize): void
  endStream(): void
}

/** What one connection needs. */
export interface FrameStreamOptions {
  readonly cameraId: CameraId
  readonly source: VideoSource
  readonly sink: StreamSink
  /** Of so many frames one, the others being skipped before they are captured; all if not given. */
  readonly every?: number
  /** Frames a second at most, likewise. */
  readonly maxRate: number | undefined
  readonly loose: Loose
}

/** One connection to one camera: fills the camera's lane, says `stream.began` once, and fails when the stream ends; of a file that was read to its end, says how that went. */
export const createFrameStream = ({ cameraId, source, sink, every = 1, maxRate, loose }: FrameStreamOptions) =>
  fromEvents<StreamBegan, undefined, string>(loose, async function* ({ signal }) {
    try {
      const stream = await source.open(sink, signal)
      sink.beginStream(stream.sourceSize)
      const rate = stream.rate === undefined ? undefined : Math.min(stream.rate / every, maxRate ?? Infinity)
      yield { type: 'stream.began', rate, remark: stream.remark }
      const end = await stream.ended
      if (end.kind === 'finished') return end.detail
      throw new StreamLostError(cameraId, end.detail)
    } finally {
      sink.endStream()
    }
  })

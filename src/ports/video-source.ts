import type { PictureSize } from '../domain/frame.ts'
import type { FrameSink } from './frame-sink.ts'

/** One camera, as the adapter for its kind reaches it: a child process, a device, a drawing thread. */
export interface VideoSource {
  /**
   * Connects and from then on writes pictures into `sink`; resolves when the first whole picture has been committed.
   *
   * It waits until what an earlier `open` left is gone, so that a camera that takes one client only is never asked twice at once.
   * It does not retry, and it does not notice a stream that goes silent: its caller watches the sink.
   *
   * @throws {CameraUnreachableError} no route, refused, no such device; also: it ended before its first picture.
   * @throws {CameraAuthenticationError} the camera wants another user name or password.
   * @throws {CameraPathError} the address answers, but has no such stream or file.
   * @throws {CameraRefusedError} the camera answers and gives no stream, such as one that serves as many clients as it can.
   * @throws {VideoToolError} ffmpeg or setpriv cannot be run here.
   * @throws {signal.reason} `signal` aborted first.
   */
  open(sink: FrameSink, signal: AbortSignal): Promise<VideoStream>

  /** Resolves when nothing is left of what was opened: no process, no thread, no socket. Aborting `open`'s signal leads there within 3 s. */
  released(): Promise<void>
}

export interface VideoStream {
  /** Frames a second as the source declares them; `undefined` where it doesn't say. */
  readonly rate: number | undefined
  /** The camera's own picture, upright and of square pixels, before it was fitted into the sink's size. */
  readonly sourceSize: PictureSize
  /** For people: what it was asked for and what it gives, where these differ. */
  readonly remark?: string | undefined
  /** How it ended; never rejects. Aborting the signal given to `open` ends it as well. */
  readonly ended: Promise<StreamEnd>
}

export interface StreamEnd {
  /** `finished`: a file was read to its end, or to where its picture has another size. `lost`: anything else. */
  readonly kind: 'finished' | 'lost'
  /** For people: the exit code and the last words of the process. No secrets. */
  readonly detail: string
}

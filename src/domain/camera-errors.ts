import { byteCount } from './byte-count.ts'
import type { Box } from './fitting.ts'
import type { PictureSize } from './frame.ts'
import { OperatingError } from './errors.ts'
import type { CameraId } from './ids.ts'
import type { Milliseconds } from './units.ts'

/** Nobody answers at the camera's address, or it ended before it sent a picture. */
export class CameraUnreachableError extends OperatingError {
  readonly code = 'camera.unreachable'
  constructor(
    readonly cameraId: CameraId,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Camera ${cameraId} cannot be reached: ${detail}`, options)
  }
}

/** The camera answers and refuses our user name or password. */
export class CameraAuthenticationError extends OperatingError {
  readonly code = 'camera.authentication'
  constructor(
    readonly cameraId: CameraId,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Camera ${cameraId} refuses the user name or password: ${detail}`, options)
  }
}

/** The address answers, but has no such stream or file. */
export class CameraPathError extends OperatingError {
  readonly code = 'camera.path'
  constructor(
    readonly cameraId: CameraId,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Camera ${cameraId} has no such stream or file: ${detail}`, options)
  }
}

/** The camera answers and gives no stream: it serves as many as it can, or wants to be asked in another way. */
export class CameraRefusedError extends OperatingError {
  readonly code = 'camera.refused'
  constructor(
    readonly cameraId: CameraId,
    readonly detail: string,
    /** What may help; `undefined` where nobody knows. */
    readonly advice?: string,
    options?: ErrorOptions,
  ) {
    super(
      `Camera ${cameraId} answers and gives no stream: ${detail}${advice === undefined ? '' : `. ${advice}`}`,
      options,
    )
  }
}

/** The part that is to be cut out of the camera's picture isn't in it. */
export class CameraCropError extends OperatingError {
  readonly code = 'camera.crop'
  constructor(
    readonly cameraId: CameraId,
    readonly crop: Box,
    readonly picture: PictureSize,
    options?: ErrorOptions,
  ) {
    const { x, y, width, height } = crop
    super(
      `Camera ${cameraId} sends pictures of ${picture.width}x${picture.height}, and its crop of ${width}x${height} at ${x}, ${y} does not lie within them. Change the camera's crop in the configuration, or the size that the camera sends`,
      options,
    )
  }
}

/** The stream had begun and then ended. */
export class StreamLostError extends OperatingError {
  readonly code = 'stream.lost'
  constructor(
    readonly cameraId: CameraId,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Camera ${cameraId} stopped sending: ${detail}`, options)
  }
}

/** The stream is open, and no picture has come for `silence`. */
export class StreamStalledError extends OperatingError {
  readonly code = 'stream.stalled'
  constructor(
    readonly cameraId: CameraId,
    readonly silence: Milliseconds,
    options?: ErrorOptions,
  ) {
    super(`Camera ${cameraId} is connected but has sent no picture for ${silence / 1000} s`, options)
  }
}

/** Data arrives and the decoder makes no picture of it. */
export class StreamUndecodableError extends OperatingError {
  readonly code = 'stream.undecodable'
  constructor(
    readonly cameraId: CameraId,
    readonly errorsInARow: number,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(`Camera ${cameraId} sends what cannot be decoded (${errorsInARow} errors in a row): ${detail}`, options)
  }
}

/** The camera's video would take room on our own disk that rows need. */
export class VideoRoomError extends OperatingError {
  readonly code = 'video.room'
  constructor(
    readonly cameraId: CameraId,
    /** In bytes. `missing`: of the video; `undefined` where the server doesn't say. */
    readonly room: { readonly freeBytes: number; readonly missing: number | undefined; readonly leave: number },
  ) {
    const { freeBytes, missing, leave } = room
    const toCome = missing === undefined ? '' : `${byteCount(missing)} of it are still to come, `
    super(
      `The disk has no room for the video of camera ${cameraId}: ${byteCount(freeBytes)} are free, ${toCome}and disk.pauseBelow (${byteCount(leave)}) is left to rows`,
    )
  }
}

/** A program that the camera needs is missing here, too old, or cannot be run. */
export class VideoToolError extends OperatingError {
  readonly code = 'video.tool'
  constructor(
    readonly tool: string,
    readonly detail: string,
    advice = 'On Debian and Ubuntu: apt-get install ffmpeg util-linux',
  ) {
    super(`${tool} cannot be run: ${detail}. ${advice}`)
  }
}

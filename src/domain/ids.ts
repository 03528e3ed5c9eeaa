declare const camera: unique symbol

/** Names one camera everywhere: configuration, paths, rows, logs. Lower case letters, digits and dashes, at most 32. */
export type CameraId = string & { readonly [camera]: 'camera id' }

export const cameraIdPattern = /^[a-z0-9][a-z0-9-]{0,31}$/

export const isCameraId = (text: string): text is CameraId => cameraIdPattern.test(text)

/** @throws {RangeError} `text` is no camera id. Configuration is checked with `isCameraId` and never gets here. */
export function cameraId(text: string): CameraId {
  if (!isCameraId(text)) throw new RangeError(`"${text}" is not a camera id: expected ${cameraIdPattern.source}`)
  return text
}

/** Counts the starts of the daemon on this data folder, from 1; kept in the manifest. */
export type BootNumber = number

/** Counts the incarnations of one supervised actor within a boot, from 1. */
export type Epoch = number

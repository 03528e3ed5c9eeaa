import type { Box } from '../../../src/domain/fitting.ts'
import { bytesPerPicture, type Fit, type PictureSize } from '../../../src/domain/frame.ts'
import { cameraId } from '../../../src/domain/ids.ts'
import type { SharedPicture } from '../../../src/domain/inference-task.ts'
import type { InspectedPicture } from '../../../src/domain/inspected-picture.ts'
import type { Detection } from '../../../src/domain/inspection.ts'
import { epochMs } from '../../../src/domain/units.ts'

interface Options {
  readonly number?: number
  readonly region?: Box
  readonly size?: PictureSize
  readonly fit?: Fit
  readonly planes?: Uint8Array
  readonly detections?: readonly Detection[]
}

/** A frame of 64x64 in which nothing was seen, taken at 2026-11-25T12:00:00Z, unless told otherwise. */
export function inspected(options: Options = {}): InspectedPicture {
  const {
    number = 7,
    size = { width: 64, height: 64 },
    region = { x: 0, y: 0, ...size },
    fit = 'letterbox',
    detections = [],
  } = options
  const frame = { cameraId: cameraId('dock-1'), epoch: 2, number, capturedAt: epochMs(Date.UTC(2026, 10, 25, 12)) }
  return {
    inspection: { frame, findings: [{ kind: 'detect', model: 'bolts', detections }] },
    region,
    size,
    fit,
    hold: () => ({ picture: sharedPicture(size, options.planes), release: () => undefined }),
  }
}

function sharedPicture(size: PictureSize, planes?: Uint8Array): SharedPicture {
  const buffer = new SharedArrayBuffer(bytesPerPicture(size))
  if (planes !== undefined) new Uint8Array(buffer).set(planes)
  return { buffer, byteOffset: 0, size }
}

import type { Box } from '../domain/fitting.ts'
import type { FrameCounts } from '../domain/frame-account.ts'
import type { Fit, PictureSize } from '../domain/frame.ts'
import type { CameraId } from '../domain/ids.ts'
import type { Inspection } from '../domain/inspection.ts'
import type { ModelUse } from '../domain/model.ts'
import type { Clock } from '../ports/clock.ts'
import type { CameraLedger } from './camera-ledger.ts'
import type { LatencyQuantiles } from './latency-window.ts'
import type { InspectionRecorder } from './record-inspection.ts'

/** `latest`: the newest frame waits, the one before it is dropped. `wait`: every frame is inspected, and the source waits for room. */
export type LanePolicy = 'latest' | 'wait'

export interface LaneOptions {
  readonly cameraId: CameraId
  /** The camera's, which outlives this lane. */
  readonly ledger: CameraLedger
  /** Of the pictures that the source puts in. */
  readonly size: PictureSize
  readonly fit: Fit
  /** The part of the camera's own picture that the source puts in; all of it if not given. */
  readonly crop?: Box
  readonly policy: LanePolicy
  /** 0 to 9: one more is twice the share of the workers, where cameras have more frames than these can inspect. */
  readonly priority?: number
  readonly models: readonly ModelUse[]
  /** The most that any of the models takes. */
  readonly frames: 1 | 2
  /** Whether each picture is compared with the one before it, for which that is kept. */
  readonly comparesPictures?: boolean
  /** Frames that differ from the last inspected one by no more than so many levels of 255 are not inspected; all are where it isn't given. */
  readonly motionGate?: number
  /** How many frames of this camera may be in workers at once. */
  readonly workers: number
  readonly clock: Clock
  readonly recorder: InspectionRecorder
}

/** What a lane has seen and is doing; for people and for metrics. */
export interface LaneStats {
  /** Of the camera, over all its lanes. */
  readonly counts: FrameCounts
  /** Frames captured a second, over the last 5 s. */
  readonly captureRate: number
  /** Frames inspected a second, over the last 5 s. */
  readonly inspectedRate: number
  /** From a frame's last byte until its rows were handed to the writer, over the latest 512; `undefined` where none was in the last minute. */
  readonly latency: LatencyQuantiles | undefined
  /** Frames have failed in the last minute, and none was inspected. */
  readonly failing: boolean
  readonly lastInspection: Inspection | undefined
}

/**
 * How many pictures a lane has room for: one that is filled, one that waits, one in each worker, of a lossless camera one ahead for each, the one
 * inspected last, one that a preview is made of, the latest where it is compared; and the predecessors, which a lossless camera's frames share. Behind a gate, the latest of frames that have
 * predecessors may be neither one that waits nor a predecessor of it.
 */
export function slotsFor(options: LaneOptions): number {
  const { policy, frames, workers, comparesPictures = false, motionGate } = options
  const inWorkers = policy === 'wait' || frames === 2 ? 2 * workers : workers
  const dropped = frames === 2 && motionGate !== undefined ? 1 : 0
  return inWorkers + (frames === 2 || comparesPictures ? 5 : 4) + dropped
}

import type { FrameId } from '../domain/frame.ts'
import type { CameraId } from '../domain/ids.ts'
import type { InferenceError } from '../domain/inference-errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { NowAndThen } from './now-and-then.ts'

/** Warns of frames on which a model fails, without a line for each: one that doesn't fit its labels may fail on all. */
export function createFailureLog(log: Log, clock: Clock): (frame: FrameId, error: InferenceError) => void {
  const failures = new NowAndThen<`${CameraId} ${string}`>(clock)
  return ({ cameraId, epoch, number }, { model, detail }) => {
    const told = failures.add(`${cameraId} ${model}`, 1)
    if (told === undefined) return
    const { count: frames, sinceSeconds } = told
    log.warn('frames failed', { cameraId, model, why: detail, epoch, frame: number, frames, sinceSeconds })
  }
}

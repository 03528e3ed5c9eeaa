import type { FrameId } from '../domain/frame.ts'
import type { CameraId } from '../domain/ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { NowAndThen } from './now-and-then.ts'

/** Warns of frames in which a model found as much as is kept, without a line for each: with a threshold that is too low it may be all. */
export function createBoundLog(log: Log, clock: Clock): (frame: FrameId, model: string) => void {
  const full = new NowAndThen<`${CameraId} ${string}`>(clock)
  return ({ cameraId, epoch, number }, model) => {
    const told = full.add(`${cameraId} ${model}`, 1)
    if (told === undefined) return
    const { count: frames, sinceSeconds } = told
    const why = 'as much was found as is kept of a frame: rows may be missing'
    log.warn('results at the bound', { cameraId, model, why, epoch, frame: number, frames, sinceSeconds })
  }
}

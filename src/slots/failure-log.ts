import type { FrameId } from '../domain/frame.ts'
import type { CameraId } from '../domain/ids.ts'
import type { InferenceError } from '../domain/inference-errors.ts'
import { milliseconds, seconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

/** What a model fails at on one camera's frames is said at once, and then at most this often, with how many there were. */
const pause = seconds(10)

interface Said {
  readonly at: number
  /** Frames since then. */
  frames: number
}

/** Warns of frames on which a model fails, without a line for each: one that doesn't fit its labels may fail on all. */
export function createFailureLog(log: Log, clock: Clock): (frame: FrameId, error: InferenceError) => void {
  const said = new Map<`${CameraId} ${string}`, Said>()
  return ({ cameraId, epoch, number }, { model, detail }) => {
    const key = `${cameraId} ${model}` as const
    const before = said.get(key)
    const now = clock.monotonic()
    if (before !== undefined && now - before.at < pause) {
      before.frames++
      return
    }
    said.set(key, { at: now, frames: 0 })
    const sinceSeconds = before === undefined ? undefined : Math.round(milliseconds(now - before.at) / 1000)
    const frames = 1 + (before?.frames ?? 0)
    log.warn('frames failed', { cameraId, model, why: detail, epoch, frame: number, frames, sinceSeconds })
  }
}

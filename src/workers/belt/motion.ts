import { mix } from './random.ts'

/** How the belt runs: a cycle of running with one stop in it, whose moment differs from cycle to cycle. */
const runSeconds = 12
const stopSeconds = 3
const earliestStopSeconds = 2

/** Of a picture whose longer side is 640. */
const speedPxPerSecond = 240

/** How far the belt has come by frame `frame`, in whole pixels; any frame may be asked for, in any order. */
export function createMotion(seed: number, rate: number, scale: number): (frame: number) => number {
  const stepPx = Math.max(1, Math.round((speedPxPerSecond * scale) / rate))
  const runFrames = Math.max(2, Math.round(runSeconds * rate))
  const stopFrames = Math.max(1, Math.round(stopSeconds * rate))
  const earliest = Math.round(earliestStopSeconds * rate)
  return (frame) => {
    const cycle = Math.floor(frame / (runFrames + stopFrames))
    const within = frame - cycle * (runFrames + stopFrames)
    const stopAt = earliest + (mix(seed, cycle, 5) % (runFrames - earliest))
    const ran = within < stopAt ? within : Math.max(stopAt, within - stopFrames)
    return (cycle * runFrames + ran) * stepPx
  }
}

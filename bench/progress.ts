import type { CpuSeconds } from './process-cpu.ts'

/** What was seen of a running daemon at one moment. */
export interface Look {
  /** Milliseconds of Unix time. */
  readonly at: number
  /** Frames inspected so far. */
  readonly inspected: number
  readonly cpu: CpuSeconds
}

export interface Pace {
  readonly framesPerSecond: number
  readonly cpuSecondsPerFrame: number
  readonly cpuSecondsPerFrameOf: CpuSeconds
}

/**
 * Frames a second from `startedAt`, when the first frame was captured, until the last one was inspected, and the processor time of a frame.
 *
 * The last look, and it alone, has seen all frames inspected. When that came about between it and the look before it is reckoned from the
 * rate up to there. Processor time counts from the first look with a frame inspected: what the start takes is not any frame's.
 */
export function paceOf(startedAt: number, looks: readonly Look[]): Pace {
  const first = looks.find(({ inspected }) => inspected > 0)
  const last = looks.at(-1)
  const before = looks.at(-2)
  if (first === undefined || last === undefined || before === undefined || first === last) {
    throw new Error(`The clip is too short: it was over after ${looks.length} looks`)
  }
  const perFrameMs = (before.at - startedAt) / before.inspected
  const endedAt = Math.min(last.at, before.at + (last.inspected - before.inspected) * perFrameMs)
  const frames = last.inspected - first.inspected
  const perFrame = (of: keyof CpuSeconds): number => (last.cpu[of] - first.cpu[of]) / frames
  const cpuSecondsPerFrameOf = {
    mainThread: perFrame('mainThread'),
    otherThreads: perFrame('otherThreads'),
    children: perFrame('children'),
  }
  return {
    framesPerSecond: last.inspected / ((endedAt - startedAt) / 1000),
    cpuSecondsPerFrame: Object.values(cpuSecondsPerFrameOf).reduce((sum, part) => sum + part, 0),
    cpuSecondsPerFrameOf,
  }
}

import { plantFrom } from './config.ts'
import { Director } from './director.ts'
import type { LivesOptions } from './lives.ts'
import type { Violation } from './referee.ts'
import { fewestSteps, mostMoreSteps, swarmFrom } from './swarm.ts'
import { randomFrom, Tape } from './tape.ts'
import { Trace, type TraceEntry } from './trace.ts'

export interface Run {
  /** What its tape was drawn from, if it was. */
  readonly seed: number | undefined
  readonly violation: Violation | undefined
  /** The choices of the run; a tape that repeats it. */
  readonly choices: readonly number[]
  readonly steps: number
  /** Files that were delivered, and that the server forgot when it lost its power. */
  readonly forgotten: number
}

export interface SimulateOptions extends Pick<LivesOptions, 'seen'> {
  /** What the tape is drawn from; with `choices`, only its name. */
  readonly seed?: number | undefined
  /** The tape. */
  readonly choices?: readonly number[]
  /** Takes the run as a recording, line by line. */
  readonly trace?: (entry: TraceEntry) => void
}

/** Numbers for the daemon's own chance to begin with. */
const chances = 2 ** 32

/** One run of the whole daemon. The same tape gives the same run, to the last word of its trace; the same seed the same tape. */
export async function simulate({ seed, choices, seen, trace: write }: SimulateOptions): Promise<Run> {
  const from = seed ?? 0
  const swarm = swarmFrom(randomFrom(from))
  const tape = choices ? Tape.recorded(choices) : Tape.drawn(randomFrom(from + 0x1_0000_0000))
  // First what the whole run depends on.
  const random = randomFrom(tape.choose(chances, { eager: 1 }))
  const stepsWithFaults = fewestSteps + tape.choose(mostMoreSteps, { eager: 1, among: [swarm.moreSteps] })
  const trace = write && new Trace(seed, write)
  const plant = await plantFrom(tape)
  const director = await Director.begin({ plant, tape, swarm, stepsWithFaults, random, trace, seen })
  const violation = await director.play()
  return { seed, violation, choices: tape.taken, steps: director.steps, forgotten: director.forgotten }
}

import { plantFrom } from './config.ts'
import { Director, type DirectorOptions } from './director.ts'
import type { Violation } from './referee.ts'
import { swarmFrom } from './swarm.ts'
import { randomFrom, Tape } from './tape.ts'
import { Trace, type TraceEntry } from './trace.ts'

export interface Run {
  readonly seed: number
  readonly violation: Violation | undefined
  /** The choices of the run; a tape that repeats it. */
  readonly choices: readonly number[]
  readonly steps: number
}

export interface SimulateOptions extends Pick<DirectorOptions, 'seen'> {
  readonly seed: number
  /** Instead of the choices that the seed makes. */
  readonly choices?: readonly number[]
  /** Takes the run as a recording, line by line. */
  readonly trace?: (entry: TraceEntry) => void
}

/** One run of the whole daemon. The same seed, and choices if any are given, give the same run, to the last word of its trace. */
export async function simulate({ seed, choices, seen, trace: write }: SimulateOptions): Promise<Run> {
  const swarm = swarmFrom(randomFrom(seed))
  // Streams of chance of their own, so that a tape that is cut short changes nothing else.
  const tape = choices ? Tape.recorded(choices) : Tape.drawn(randomFrom(seed + 0x1_0000_0000))
  const random = randomFrom(seed + 0x2_0000_0000)
  const trace = write && new Trace(seed, write)
  const director = await Director.begin({
    plant: await plantFrom(tape),
    tape,
    swarm,
    random,
    trace,
    ...(seen && { seen }),
  })
  const violation = await director.play()
  return { seed, violation, choices: tape.taken, steps: director.steps }
}

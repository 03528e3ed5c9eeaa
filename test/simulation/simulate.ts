import { simulatedConfig } from './config.ts'
import { Director, type DirectorOptions } from './director.ts'
import type { Violation } from './referee.ts'
import { swarmFrom } from './swarm.ts'
import { randomFrom, Tape } from './tape.ts'

export interface Run {
  readonly seed: number
  readonly violation: Violation | undefined
  /** The choices of the run; a tape that repeats it. */
  readonly choices: readonly number[]
  readonly steps: number
}

export interface SimulateOptions extends Pick<DirectorOptions, 'trace' | 'seen'> {
  readonly seed: number
  /** Instead of the choices that the seed makes. */
  readonly choices?: readonly number[]
}

/** One run of the whole daemon. The same seed, and choices if any are given, give the same run, to the last word of its trace. */
export async function simulate({ seed, choices, ...watched }: SimulateOptions): Promise<Run> {
  const swarm = swarmFrom(randomFrom(seed))
  // Streams of chance of their own, so that a tape that is cut short changes nothing else.
  const tape = choices ? Tape.recorded(choices) : Tape.drawn(randomFrom(seed + 0x1_0000_0000))
  const random = randomFrom(seed + 0x2_0000_0000)
  const director = new Director({ config: simulatedConfig, tape, swarm, random, ...watched })
  const violation = await director.play()
  return { seed, violation, choices: tape.taken, steps: director.steps }
}

import type { AnyActorRef } from 'xstate'
import { pathOf } from './actor-system.ts'
import type { SupervisorClock } from './supervisor-clock.ts'
import type { SupervisorOptions } from './supervisor-types.ts'
import { systemChance } from './system-clock.ts'

/** Whence a supervisor has its time and its chance, and who hears its reports. */
export type Surroundings = Required<Pick<SupervisorOptions, 'clock' | 'random' | 'onReport'>>

/** What is not given is that of the supervisor above. */
export function surroundings(
  self: AnyActorRef,
  options: SupervisorOptions,
  above: Surroundings | undefined,
): Surroundings {
  const clock: SupervisorClock | undefined = options.clock ?? above?.clock
  if (clock === undefined)
    throw new Error(`supervisor ${pathOf(self)} has no clock: give it one, or run it below one that has`)
  return {
    clock,
    random: options.random ?? above?.random ?? systemChance,
    onReport: options.onReport ?? above?.onReport ?? (() => {}),
  }
}

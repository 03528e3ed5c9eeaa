import * as z from 'zod/mini'
import { actorKind, howEnded, supervisorDecided } from './record.ts'
import { milliseconds, moment, name, orNull, type Of, plain } from './described.ts'

/** A transition, as `StateEntered` tells it. */
const way = z.object({
  from: orNull(z.string()),
  /** The active nodes before it. */
  fromNodes: z.array(z.string()),
  event: z.string(),
})
export type Way = Of<typeof way>

/** From when until when an actor that was told to end may take; both monotonic. */
const stopDeadline = z.object({ from: milliseconds, to: milliseconds })
export type StopDeadline = Of<typeof stopDeadline>

/** The supervisor's latest. */
const decision = z.extend(supervisorDecided, {
  /** Its `nextTryAt`, which the wall clock that is set moves away from; absent in recordings made before any told it. */
  nextTryMonotonic: z.exactOptional(milliseconds),
})

/** One actor at one moment, put together from the records before. */
export const actorPicture = z.object({
  path: name,
  epoch: orNull(z.number()),
  kind: actorKind,
  machine: orNull(z.string()),
  /** `''` before the first. */
  state: z.string(),
  nodes: z.array(z.string()),
  why: orNull(z.string()),
  /** When it tries again; absent where it does not wait to. */
  nextTryAt: z.exactOptional(moment),
  /** While it ends: until when it may take; absent where it was given no time, and in recordings made before any told it. */
  deadline: z.exactOptional(stopDeadline),
  /** How it came into this state; absent before the first, and in recordings made before any told it. */
  way: z.exactOptional(way),
  /** Since when it is in this state, on both clocks. */
  since: moment,
  sinceMonotonic: milliseconds,
  /** `null` while it lives. */
  ended: orNull(howEnded),
  restartsLeft: orNull(z.number()),
  decision: orNull(decision),
  gauges: z.record(z.string(), z.number()),
  /** Absent where none was told, as in recordings made before there were any. */
  facts: z.exactOptional(z.record(z.string(), plain)),
})
export type ActorPicture = Of<typeof actorPicture>

import type { Epoch } from '../domain/ids.ts'
import type { EpochMs, Milliseconds } from '../domain/units.ts'
import { actorKind, howEnded, supervisorDecided } from './record.ts'
import { listOf, mapOf, moment, name, nullable, number, object, type Of, optional, plain, text } from './shape.ts'

/** A transition, as `StateEntered` tells it. */
const way = object({
  from: nullable(text()),
  /** The active nodes before it. */
  fromNodes: listOf(text()),
  event: text(),
})
export type Way = Of<typeof way>

/** From when until when an actor that was told to end may take; both monotonic. */
const stopDeadline = object({ from: number<Milliseconds>(), to: number<Milliseconds>() })
export type StopDeadline = Of<typeof stopDeadline>

/** One actor at one moment, put together from the records before. */
export const actorPicture = object({
  path: name,
  epoch: nullable(number<Epoch>()),
  kind: actorKind,
  machine: nullable(text()),
  /** `''` before the first. */
  state: text(),
  nodes: listOf(text()),
  why: nullable(text()),
  /** When it tries again; absent where it does not wait to. */
  nextTryAt: optional(moment<EpochMs>()),
  /** While it ends: until when it may take; absent where it was given no time, and in recordings made before any told it. */
  deadline: optional(stopDeadline),
  /** How it came into this state; absent before the first, and in recordings made before any told it. */
  way: optional(way),
  /** Since when it is in this state, on both clocks. */
  since: moment<EpochMs>(),
  sinceMonotonic: number<Milliseconds>(),
  /** `null` while it lives. */
  ended: nullable(howEnded),
  restartsLeft: nullable(number()),
  /** The supervisor's latest about it. */
  decision: nullable(supervisorDecided),
  gauges: mapOf(number()),
  /** Absent where none was told, as in recordings made before there were any. */
  facts: optional(mapOf(plain)),
})
export type ActorPicture = Of<typeof actorPicture>

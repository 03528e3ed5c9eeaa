import { commandTypes } from '../domain/command-type.ts'
import type { Epoch } from '../domain/ids.ts'
import type { EpochMs, Milliseconds } from '../domain/units.ts'
import type { Cause, Decision } from '../supervision/index.ts'
import {
  both,
  byType,
  listOf,
  mapOf,
  moment,
  name,
  nullable,
  number,
  object,
  type Of,
  oneOf,
  optional,
  plain,
  text,
} from './shape.ts'

/** Goes up when a reader of the version before could misunderstand a record. */
export const recordVersion = 1

export const stamp = object({
  /** Counts the records of one recorder from 1, without a gap: where one is missing, it was lost. */
  sequence: number(),
  /** Wall clock, which may step. */
  at: moment<EpochMs>(),
  /** Never goes back; zero is any moment. To a hundredth of a millisecond. */
  monotonic: number<Milliseconds>(),
  /** The actor it is about: ids from the root down, `root/cameras/dock-1`. */
  path: name,
  /** The life of that actor, or of the nearest one above that a supervisor counts; `null` where none does. */
  epoch: nullable(number<Epoch>()),
})
export type Stamp = Of<typeof stamp>

/** `other`: a promise, an observable, a stream of events. */
export const actorKind = oneOf('supervisor', 'machine', 'other')
export type ActorKind = Of<typeof actorKind>

/** An actor is there, and its first snapshot was seen. */
const actorStarted = object({
  type: oneOf('actor.started'),
  kind: actorKind,
  /** The id of its machine's definition: `camera`. */
  machine: nullable(text()),
})

/** `done`: by itself, in a final state. `failed`: by an error. `stopped`: by another, before it had ended. */
export const howEnded = oneOf('done', 'failed', 'stopped')

/** Nothing of this life comes after it. */
const actorEnded = object({ type: oneOf('actor.ended'), how: howEnded, why: nullable(text()) })
export type ActorEnded = Of<typeof actorEnded>

/** A machine or a supervisor is in another state than before. */
const stateEntered = object({
  type: oneOf('state.entered'),
  /** `null`: it has begun. */
  from: nullable(text()),
  /** The innermost state; parallel regions side by side: `open | probing`. */
  to: text(),
  /** The active atomic and final state nodes, each from the machine down: `['online.open.streaming']`. Empty for a supervisor. */
  nodes: listOf(text()),
  /** The type of the event that led here: `stream.began`, `xstate.after.reconnectDelay.camera.backingOff`, `xstate.init`. */
  event: text(),
  why: nullable(text()),
  /** When the wait ends that this state is for, and it tries again; absent where it waits for none. */
  nextTryAt: optional(moment<EpochMs>()),
})
export type StateEntered = Of<typeof stateEntered>

/** An actor has got an event. Control only: frames and rows are never events. */
const eventReceived = object({
  type: oneOf('event.received'),
  /** The path of the actor that sent it, of `drain`, `stop.extend` and `stop.hurry` that of the supervisor; `null`: somebody outside. */
  source: nullable(name),
  event: text(),
  /** Allow-listed fields of it: `{ path: 'dock-1_….csv', rows: 8 }`, `{ within: 5000 }`. */
  detail: mapOf(plain),
})
export type EventReceived = Of<typeof eventReceived>

export type Plain = Of<typeof plain>

/** What a supervisor decided about `path`, and why. */
export const supervisorDecided = object({
  type: oneOf('supervisor.decided'),
  decision: text<Decision>(),
  cause: text<Cause['type']>(),
  /** Of the budget that this child spends: its own, or the supervisor's. */
  restartsLeft: number(),
  /** One sentence, for people. */
  reason: text(),
  /** When it is tried again; absent where it does not wait to be. */
  nextTryAt: optional(moment<EpochMs>()),
})
export type SupervisorDecided = Of<typeof supervisorDecided>

/** Counters and gauges of one part as they were read: `{ captured: 812, inspected: 810, fps: 24.9 }`. */
const gaugesRead = object({
  type: oneOf('gauges.read'),
  values: mapOf(number()),
  /**
   * What has changed beside them since the last reading that had any: `{ lastFinding: 'particle 3', diskFullInMs: null }`.
   * `null`: it is not known any more.
   */
  facts: optional(mapOf(nullable(plain))),
})
export type GaugesRead = Of<typeof gaugesRead>
export type FactsChange = NonNullable<GaugesRead['facts']>

/** What is known of one part that no gauge says: where its pictures come from, its limits, its latest result. */
export type Facts = Readonly<Record<string, Plain>>

/** What an operator asked of `path`, and what became of it. */
const operatorAsked = object({
  type: oneOf('operator.asked'),
  command: oneOf(...commandTypes),
  /** Where from: an address, and never anything of the token that came from there. */
  by: text(),
  outcome: oneOf('done', 'refused', 'unknown'),
  /** One sentence, for people. */
  words: text(),
  /** The file's path, where one was to be sent again and there is one. */
  file: optional(text()),
})
export type OperatorAsked = Of<typeof operatorAsked>

/** Said by the simulation: what it did to the daemon, or how it answered one of its calls. */
const simulationStep = object({
  type: oneOf('simulation.step'),
  /** The call, `sftp.write`, or what happened: `power cut`. */
  what: text(),
  about: text(),
  /** How the call was answered: `ok`, or the fault: `hangs`. */
  outcome: nullable(text()),
})

/** Said by the simulation: what always has to hold did not. */
const invariantViolated = object({ type: oneOf('invariant.violated'), invariant: text(), detail: text() })

const recordBody = byType({
  'actor.started': actorStarted,
  'actor.ended': actorEnded,
  'state.entered': stateEntered,
  'event.received': eventReceived,
  'supervisor.decided': supervisorDecided,
  'gauges.read': gaugesRead,
  'operator.asked': operatorAsked,
  'simulation.step': simulationStep,
  'invariant.violated': invariantViolated,
})
export type RecordBody = Of<typeof recordBody>

/**
 * What has happened in the actor system, one record a fact: the same on the live feed, in a recording on disk and in a
 * simulation's trace, which are JSON lines, a `RecordingHeader` first.
 *
 * A closed union of plain data, made of texts and numbers that are allow-listed one by one: no context, frame, row or secret
 * can be in it. Texts are at most 500 characters.
 */
export const feedRecord = both(recordBody, stamp)
export type FeedRecord = Stamp & RecordBody

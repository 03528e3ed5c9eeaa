import * as z from 'zod/mini'
import { commandTypes } from '../domain/command-type.ts'
import type { Cause, Decision } from '../supervision/index.ts'
import { milliseconds, moment, name, orNull, type Of, plain, text } from './described.ts'

/** Goes up when a reader of the version before could misunderstand a record. */
export const recordVersion = 1

export const stamp = z.object({
  /** Counts the records of one recorder from 1, without a gap: where one is missing, it was lost. */
  sequence: z.number(),
  /** Wall clock, which may step. */
  at: moment,
  /** Never goes back; zero is any moment. To a hundredth of a millisecond. */
  monotonic: milliseconds,
  /** The actor it is about: ids from the root down, `root/cameras/dock-1`. */
  path: name,
  /** The life of that actor, or of the nearest one above that a supervisor counts; `null` where none does. */
  epoch: orNull(z.number()),
})
export type Stamp = Of<typeof stamp>

/** How many are missing between a record and the one that stands before it. */
export const missingBefore = ({ sequence }: Stamp, before: Stamp | undefined): number =>
  before === undefined ? 0 : Math.max(0, sequence - before.sequence - 1)

/** `other`: a promise, an observable, a stream of events. */
export const actorKind = z.enum(['supervisor', 'machine', 'other'])
export type ActorKind = Of<typeof actorKind>

/** An actor is there, and its first snapshot was seen. */
const actorStarted = z.object({
  type: z.literal('actor.started'),
  kind: actorKind,
  /** The id of its machine's definition: `camera`. */
  machine: orNull(z.string()),
})

/** `done`: by itself, in a final state. `failed`: by an error. `stopped`: by another, before it had ended. */
export const howEnded = z.enum(['done', 'failed', 'stopped'])

/** Nothing of this life comes after it. */
const actorEnded = z.object({ type: z.literal('actor.ended'), how: howEnded, why: orNull(z.string()) })
export type ActorEnded = Of<typeof actorEnded>

/** A machine or a supervisor is in another state than before. */
const stateEntered = z.object({
  type: z.literal('state.entered'),
  /** `null`: it has begun. */
  from: orNull(z.string()),
  /** The innermost state; parallel regions side by side: `open | probing`. */
  to: z.string(),
  /** The active atomic and final state nodes, each from the machine down: `['online.open.streaming']`. Empty for a supervisor. */
  nodes: z.array(z.string()),
  /** The type of the event that led here: `stream.began`, `xstate.after.reconnectDelay.camera.backingOff`, `xstate.init`. */
  event: z.string(),
  why: orNull(z.string()),
  /** When the wait ends that this state is for, and it tries again; absent where it waits for none. */
  nextTryAt: z.exactOptional(moment),
})
export type StateEntered = Of<typeof stateEntered>

/** A machine is in the same state, for another reason than was told last. */
const whyChanged = z.object({ type: z.literal('why.changed'), why: orNull(z.string()) })
export type WhyChanged = Of<typeof whyChanged>

/** An actor has got an event. Control only: frames and rows are never events. */
const eventReceived = z.object({
  type: z.literal('event.received'),
  /** The path of the actor that sent it, of `drain`, `stop.extend` and `stop.hurry` that of the supervisor; `null`: somebody outside. */
  source: orNull(name),
  event: z.string(),
  /** Allow-listed fields of it: `{ path: 'dock-1_….csv', rows: 8 }`, `{ within: 5000 }`. */
  detail: z.record(z.string(), plain),
})
export type EventReceived = Of<typeof eventReceived>

export type Plain = Of<typeof plain>

/** What a supervisor decided about `path`, and why. */
export const supervisorDecided = z.object({
  type: z.literal('supervisor.decided'),
  decision: text<Decision>(),
  cause: text<Cause['type']>(),
  /** Of the budget that this child spends: its own, or the supervisor's. */
  restartsLeft: z.number(),
  /** One sentence, for people. */
  reason: z.string(),
  /** When it is tried again; absent where it does not wait to be. */
  nextTryAt: z.exactOptional(moment),
})
export type SupervisorDecided = Of<typeof supervisorDecided>

/** Counters and gauges of one part as they were read: `{ captured: 812, inspected: 810, fps: 24.9 }`. */
const gaugesRead = z.object({
  type: z.literal('gauges.read'),
  values: z.record(z.string(), z.number()),
  /**
   * What has changed beside them since the last reading that had any: `{ lastFinding: 'particle 3', diskFullInMs: null }`.
   * `null`: it is not known any more.
   */
  facts: z.exactOptional(z.record(z.string(), orNull(plain))),
})
export type GaugesRead = Of<typeof gaugesRead>
export type FactsChange = NonNullable<GaugesRead['facts']>

/** What is known of one part that no gauge says: where its pictures come from, its limits, its latest result. */
export type Facts = Readonly<Record<string, Plain>>

/** What an operator asked of `path`, and what became of it. */
const operatorAsked = z.object({
  type: z.literal('operator.asked'),
  command: z.enum(commandTypes),
  /** Where from: an address, and never anything of the token that came from there. */
  by: z.string(),
  outcome: z.enum(['done', 'refused', 'unknown']),
  /** One sentence, for people. */
  words: z.string(),
  /** The file's path, where one was to be sent again and there is one. */
  file: z.exactOptional(z.string()),
})
export type OperatorAsked = Of<typeof operatorAsked>

/** Said by the simulation: what it did to the daemon, or how it answered one of its calls. */
const simulationStep = z.object({
  type: z.literal('simulation.step'),
  /** The call, `sftp.write`, or what happened: `power cut`. */
  what: z.string(),
  about: z.string(),
  /** How the call was answered: `ok`, or the fault: `hangs`. */
  outcome: orNull(z.string()),
})

/** Said by the simulation: what always has to hold did not. */
const invariantViolated = z.object({ type: z.literal('invariant.violated'), invariant: z.string(), detail: z.string() })

export const recordBody = z.discriminatedUnion('type', [
  actorStarted,
  actorEnded,
  stateEntered,
  whyChanged,
  eventReceived,
  supervisorDecided,
  gaugesRead,
  operatorAsked,
  simulationStep,
  invariantViolated,
])
export type RecordBody = Of<typeof recordBody>

/**
 * What has happened in the actor system, one record a fact: the same on the live feed, in a recording on disk and in a
 * simulation's trace, which are JSON lines, a `RecordingHeader` first.
 *
 * A closed union of plain data, made of texts and numbers that are allow-listed one by one: no context, frame, row or secret
 * can be in it. Texts are at most 500 characters.
 */
export type FeedRecord = Stamp & RecordBody

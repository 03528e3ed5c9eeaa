import type { CommandType } from '../domain/command-type.ts'
import type { Epoch } from '../domain/ids.ts'
import type { EpochMs, Milliseconds } from '../domain/units.ts'
import type { Cause, Decision } from '../supervision/index.ts'
import type { TrendAnswer } from './trend-protocol.ts'

/**
 * What has happened in the actor system, one record a fact: the same on the live feed, in a recording on disk and in a
 * simulation's trace, which are JSON lines, a `RecordingHeader` first.
 *
 * A closed union of plain data, made of texts and numbers that are allow-listed one by one: no context, frame, row or secret
 * can be in it. Texts are at most 500 characters.
 */
export type FeedRecord = Stamp & RecordBody

/** Goes up when a reader of the version before could misunderstand a record. */
export const recordVersion = 1

export interface Stamp {
  /** Counts the records of one recorder from 1, without a gap: where one is missing, it was lost. */
  readonly sequence: number
  /** Wall clock, which may step. */
  readonly at: EpochMs
  /** Never goes back; zero is any moment. To a hundredth of a millisecond. */
  readonly monotonic: Milliseconds
  /** The actor it is about: ids from the root down, `root/cameras/dock-1`. */
  readonly path: string
  /** The life of that actor, or of the nearest one above that a supervisor counts; `null` where none does. */
  readonly epoch: Epoch | null
}

export type RecordBody =
  | ActorStarted
  | ActorEnded
  | StateEntered
  | EventReceived
  | SupervisorDecided
  | GaugesRead
  | OperatorAsked
  | SimulationStep
  | InvariantViolated

/** An actor is there, and its first snapshot was seen. */
export interface ActorStarted {
  readonly type: 'actor.started'
  /** `other`: a promise, an observable, a stream of events. */
  readonly kind: ActorKind
  /** The id of its machine's definition: `camera`. */
  readonly machine: string | null
}

export type ActorKind = 'supervisor' | 'machine' | 'other'

/** Nothing of this life comes after it. */
export interface ActorEnded {
  readonly type: 'actor.ended'
  /** `done`: by itself, in a final state. `failed`: by an error. `stopped`: by another, before it had ended. */
  readonly how: 'done' | 'failed' | 'stopped'
  readonly why: string | null
}

/** A machine or a supervisor is in another state than before. */
export interface StateEntered {
  readonly type: 'state.entered'
  /** `null`: it has begun. */
  readonly from: string | null
  /** The innermost state; parallel regions side by side: `open | probing`. */
  readonly to: string
  /** The active atomic and final state nodes, each from the machine down: `['online.open.streaming']`. Empty for a supervisor. */
  readonly nodes: readonly string[]
  /** The type of the event that led here: `stream.began`, `xstate.after.reconnectDelay.camera.backingOff`, `xstate.init`. */
  readonly event: string
  readonly why: string | null
  /** When the wait ends that this state is for, and it tries again; absent where it waits for none. */
  readonly nextTryAt?: EpochMs
}

/** An actor has got an event. Control only: frames and rows are never events. */
export interface EventReceived {
  readonly type: 'event.received'
  /** The path of the actor that sent it, of `drain`, `stop.extend` and `stop.hurry` that of the supervisor; `null`: somebody outside. */
  readonly source: string | null
  readonly event: string
  /** Allow-listed fields of it: `{ path: 'dock-1_….csv', rows: 8 }`, `{ within: 5000 }`. */
  readonly detail: Readonly<Record<string, Plain>>
}

export type Plain = string | number | boolean

/** What a supervisor decided about `path`, and why. */
export interface SupervisorDecided {
  readonly type: 'supervisor.decided'
  readonly decision: Decision
  readonly cause: Cause['type']
  /** Of the budget that this child spends: its own, or the supervisor's. */
  readonly restartsLeft: number
  /** One sentence, for people. */
  readonly reason: string
  /** When it is tried again; absent where it does not wait to be. */
  readonly nextTryAt?: EpochMs
}

/** Counters and gauges of one part as they were read: `{ captured: 812, inspected: 810, fps: 24.9 }`. */
export interface GaugesRead {
  readonly type: 'gauges.read'
  readonly values: Readonly<Record<string, number>>
  /** What has changed beside them since the last reading that had any: `{ lastFinding: 'particle 3', diskFullInMs: null }`. */
  readonly facts?: FactsChange
}

/** What is known of one part that no gauge says: where its pictures come from, its limits, its latest result. */
export type Facts = Readonly<Record<string, Plain>>

/** `null`: it is not known any more. */
export type FactsChange = Readonly<Record<string, Plain | null>>

/** What an operator asked of `path`, and what became of it. */
export interface OperatorAsked {
  readonly type: 'operator.asked'
  readonly command: CommandType
  /** Where from: an address, and never anything of the token that came from there. */
  readonly by: string
  readonly outcome: 'done' | 'refused' | 'unknown'
  /** One sentence, for people. */
  readonly words: string
  /** The file's path, where one was to be sent again and there is one. */
  readonly file?: string
}

/** Said by the simulation: what it did to the daemon, or how it answered one of its calls. */
export interface SimulationStep {
  readonly type: 'simulation.step'
  /** The call, `sftp.write`, or what happened: `power cut`. */
  readonly what: string
  readonly about: string
  /** How the call was answered: `ok`, or the fault: `hangs`. */
  readonly outcome: string | null
}

/** Said by the simulation: what always has to hold did not. */
export interface InvariantViolated {
  readonly type: 'invariant.violated'
  readonly invariant: string
  readonly detail: string
}

/** The first line of a recording. */
export interface RecordingHeader {
  readonly type: 'recording'
  readonly version: typeof recordVersion
  readonly source: 'daemon' | 'simulation'
  /** What it was made by: `belay 0.1.0`. */
  readonly madeBy: string
  /** The simulation's. */
  readonly seed?: number
  /** What was known of each actor before the first record; empty where the recording begins with the system. */
  readonly actors: readonly ActorPicture[]
  /** What figures were over hours before and while it was made, where the page has saved it. */
  readonly trends?: readonly TrendAnswer[]
}

/** A transition, as `StateEntered` tells it. */
export interface Way {
  readonly from: string | null
  /** The active nodes before it. */
  readonly fromNodes: readonly string[]
  readonly event: string
}

/** From when until when an actor that was told to end may take; both monotonic. */
export interface StopDeadline {
  readonly from: Milliseconds
  readonly to: Milliseconds
}

/** One actor at one moment, put together from the records before. */
export interface ActorPicture {
  readonly path: string
  readonly epoch: Epoch | null
  readonly kind: ActorKind
  readonly machine: string | null
  /** `''` before the first. */
  readonly state: string
  readonly nodes: readonly string[]
  readonly why: string | null
  /** When it tries again; absent where it does not wait to. */
  readonly nextTryAt?: EpochMs
  /** While it ends: until when it may take; absent where it was given no time, and in recordings made before any told it. */
  readonly deadline?: StopDeadline
  /** How it came into this state; absent before the first, and in recordings made before any told it. */
  readonly way?: Way
  /** Since when it is in this state, on both clocks. */
  readonly since: EpochMs
  readonly sinceMonotonic: Milliseconds
  /** `null` while it lives. */
  readonly ended: ActorEnded['how'] | null
  readonly restartsLeft: number | null
  /** The supervisor's latest about it. */
  readonly decision: SupervisorDecided | null
  readonly gauges: Readonly<Record<string, number>>
  /** Absent where none was told, as in recordings made before there were any. */
  readonly facts?: Facts
}

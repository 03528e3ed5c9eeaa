import { type EpochMs, epochMs, milliseconds } from '../../src/domain/units.ts'
import { ActorPictures } from '../../src/inspection-feed/actor-pictures.ts'
import { GaugeTeller } from '../../src/inspection-feed/gauge-teller.ts'
import type { DaemonState } from '../../src/inspection-feed/protocol.ts'
import { type FeedRecord, type RecordBody, recordVersion, type Stamp } from '../../src/inspection-feed/record.ts'
import type { RecordingHeader } from '../../src/inspection-feed/recording-header.ts'
import type { Violation } from './referee.ts'

export type TraceEntry = RecordingHeader | FeedRecord

/** What the director did, and what came of it. */
export interface Act {
  /** The actor that it was done to, or whose call it is. */
  readonly path?: string
  readonly what: string
  readonly about?: string
  /** How a call was answered. */
  readonly outcome?: string
}

/**
 * The trace of one run as a recording, which the inspector opens: the records of all of the daemon's processes, one after the
 * other on one monotonic clock, and between them what the director did. Lives are counted on from process to process.
 */
export class Trace {
  #sequence = 0
  #monotonic = 0
  /** Where the clock of this process begins, and its counting of lives. */
  #clockBegins = 0
  #livesBefore = 0
  #latestLife = 0
  readonly #pictures = new ActorPictures()
  #at = epochMs(0)
  readonly #teller = new GaugeTeller(({ path, epoch }, read) => {
    const life = epoch === null ? null : this.#livesBefore + epoch
    this.#say({ at: this.#at, path, epoch: life }, read)
  })

  constructor(
    seed: number | undefined,
    private readonly write: (entry: TraceEntry) => void,
  ) {
    const madeBy = 'belay'
    const drawnFrom = seed === undefined ? {} : { seed }
    write({ type: 'recording', version: recordVersion, source: 'simulation', madeBy, ...drawnFrom, actors: [] })
  }

  /** Another process begins: nothing of the one before it is left. */
  beginProcess(at: EpochMs): void {
    for (const { path, epoch, ended } of this.#pictures.all()) {
      if (ended === null)
        this.#say({ at, path, epoch }, { type: 'actor.ended', how: 'stopped', why: 'the process is gone' })
    }
    this.#clockBegins = this.#monotonic
    this.#teller.beginAnew()
    this.#livesBefore = this.#latestLife
  }

  /** What a process has said of itself. */
  add({ sequence: _, monotonic, ...record }: FeedRecord): void {
    this.#monotonic = Math.max(this.#monotonic, this.#clockBegins + monotonic)
    const life = record.epoch === null ? null : this.#livesBefore + record.epoch
    this.#latestLife = Math.max(this.#latestLife, life ?? 0)
    this.#put({ ...record, epoch: life } as Unnumbered)
  }

  act(at: EpochMs, monotonic: number, { path = 'root', what, about = '', outcome }: Act): void {
    this.#monotonic = Math.max(this.#monotonic, this.#clockBegins + monotonic)
    this.#say({ at, path, epoch: null }, { type: 'simulation.step', what, about, outcome: outcome ?? null })
  }

  /** What has changed of the gauges and facts: nothing reads those of a simulated daemon. */
  gauges(at: EpochMs, monotonic: number, state: DaemonState): void {
    this.#monotonic = Math.max(this.#monotonic, this.#clockBegins + monotonic)
    this.#at = at
    this.#teller.look(state)
  }

  violated(at: EpochMs, { invariant, detail }: Violation): void {
    this.#say({ at, path: 'root', epoch: null }, { type: 'invariant.violated', invariant, detail })
  }

  #say(stamp: Pick<Stamp, 'at' | 'path' | 'epoch'>, body: RecordBody): void {
    this.#put({ ...stamp, ...body })
  }

  #put(unnumbered: Unnumbered): void {
    const record: FeedRecord = { sequence: ++this.#sequence, monotonic: milliseconds(this.#monotonic), ...unnumbered }
    this.#pictures.apply(record)
    this.write(record)
  }
}

type Unnumbered = Pick<Stamp, 'at' | 'path' | 'epoch'> & RecordBody

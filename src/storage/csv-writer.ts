import { type Milliseconds, milliseconds, minutes, seconds } from '../domain/units.ts'
import { OperatingError } from '../domain/errors.ts'
import type { SealedFile } from '../domain/sealed-file.ts'
import { Attempts } from './attempts.ts'
import type { Bell } from './bell.ts'
import { createRowFormatter } from './csv-format.ts'
import { CsvSeries, type SeriesWorld, type Waits } from './csv-series.ts'
import type { PackWorld } from './pack-files.ts'
import { handOverOf } from './pack-plan.ts'
import { Packer } from './packer.ts'
import { Reserve } from './reserve.ts'
import type { SeriesPath } from './row-queue.ts'
import { UnreadFiles } from './unread-files.ts'
import type { WriteRowsOptions } from './write-rows-options.ts'
import type { WriterEvent } from './writer-event.ts'

/** A call to the disk that takes longer than this is said to block. */
const answersWithin = seconds(5)

/** A series and its turn under way. */
interface Working {
  readonly series: CsvSeries
  busySince: Milliseconds | undefined
}

/** A disk that doesn't give out a file is not asked for it more often than this. */
const longestWaitForUnread = minutes(5)

/** What has turns beside the series, one at a time. */
interface Beside {
  /** `all`: at a stop. */
  due(all: boolean): Milliseconds
  turn(all: boolean): Promise<void>
}

/** Starts turns of series where something is due. */
export class CsvWriter {
  readonly #working = new Map<SeriesPath, Working>()
  readonly #world: SeriesWorld & PackWorld
  readonly #packer: Packer | undefined
  readonly #unread: UnreadFiles
  readonly #busy = new Set<Beside>()
  #nextCommit = milliseconds(0)
  /** It has come to its end with something left to do. */
  isCutShort = false
  /** The cause of the waiting that was said. */
  #blockedBy: string | undefined
  #bug: { readonly error: unknown } | undefined

  constructor(
    private readonly options: WriteRowsOptions,
    private readonly bell: Bell,
    private readonly say: (event: WriterEvent) => void,
  ) {
    const { retry, clock, random, unread, queue } = options
    this.#world = {
      ...options,
      say,
      formatRows: createRowFormatter(),
      reserve: new Reserve(options.disk, options.reserveBytes),
      folders: new Set(),
      unrecorded: queue.ledger.archives,
      handOver: handOverOf(options.pack),
      onSealed: (file) => this.#packer?.add(file),
      attempts: () => new Attempts(retry, clock, random),
    }
    const rereading = (): Attempts => new Attempts({ ...retry, max: longestWaitForUnread }, clock, random)
    const { attempts } = this.#world
    this.#packer = options.pack && new Packer(options.pack, this.#world, { attempts, rereading: rereading() }, say)
    const onAdopted = (file: SealedFile): void => this.#packer?.add(file)
    this.#unread = new UnreadFiles(unread, { ...this.#world, onAdopted }, rereading())
  }

  hurry(): void {
    for (const { series } of this.#working.values()) series.hurry()
    this.#packer?.hurry()
  }

  /** Starts what is due, and returns the moment of the next step (an earlier one comes by the bell); `undefined` at the end. */
  step(finishing: boolean): Milliseconds | undefined {
    if (this.#bug) throw this.#bug.error
    const { queue, clock, watch } = this.options
    this.#takeUpSeries()
    const now = clock.monotonic()
    // At a stop what is queued is written into what room there is.
    if (!finishing && watch.due <= now) this.#look()
    const noRoom = finishing ? undefined : watch.noRoom
    let wakeAt = this.#stepSeries(now, finishing, noRoom === undefined)
    if (!finishing) wakeAt = Math.min(wakeAt, watch.due)
    wakeAt = Math.min(wakeAt, this.#beside(this.#unread, now, finishing))
    if (this.#packer) wakeAt = Math.min(wakeAt, this.#beside(this.#packer, now, finishing && this.#working.size === 0))
    this.#sayWhetherBlocked(noRoom ?? this.#whatWaits(now))
    const isIdle = this.#working.size === 0 && this.#busy.size === 0 && (this.#packer?.isIdle ?? true)
    if (finishing && isIdle && queue.requests.waiting === 0) return undefined
    // Everything has had its try; what has failed would fail again.
    this.isCutShort = finishing && !this.#isUnderWay && this.options.isManifestGone?.() === true
    return this.isCutShort ? undefined : milliseconds(wakeAt)
  }

  #takeUpSeries(): void {
    for (const path of this.options.queue.waiting) {
      if (this.#working.has(path)) continue
      this.#working.set(path, { series: new CsvSeries(path, this.#world), busySince: undefined })
    }
  }

  /** Starts a turn of each series that is due, and lets go of those that have nothing to do; returns when to look again. */
  #stepSeries(now: Milliseconds, finishing: boolean, isRoom: boolean): number {
    const { queue, commitEvery } = this.options
    const commits = finishing || now >= this.#nextCommit
    let wakeAt = Infinity
    let isWriting = false
    for (const [path, working] of this.#working) {
      const { series } = working
      if (working.busySince !== undefined) {
        if (now < working.busySince + answersWithin) wakeAt = Math.min(wakeAt, working.busySince + answersWithin)
        continue
      }
      const waits = queue.peek(path).length > 0
      const writeDue = waits && isRoom ? this.#writeDue(path, series, commits) : Infinity
      const sealDue = series.sealDue(finishing && !waits)
      if (Math.min(writeDue, sealDue) > now) {
        wakeAt = Math.min(wakeAt, writeDue, sealDue)
        if (!waits && series.isIdle) this.#working.delete(path)
        continue
      }
      isWriting ||= writeDue <= now
      this.#startTurn(working, { write: writeDue <= now, all: finishing })
      wakeAt = Math.min(wakeAt, now + answersWithin)
    }
    // One that is ahead of the others for being half full puts off none of them.
    if (commits && isWriting) this.#nextCommit = milliseconds(now + commitEvery)
    return wakeAt
  }

  /** When the rows that wait for it are to be written: with those of the others, or at once where there are many. */
  #writeDue(path: SeriesPath, series: CsvSeries, commits: boolean): number {
    if (commits || this.options.queue.isHalfFull(path)) return series.writeDue
    return Math.max(series.writeDue, this.#nextCommit)
  }

  get #isUnderWay(): boolean {
    return this.#busy.size > 0 || [...this.#working.values()].some(({ busySince }) => busySince !== undefined)
  }

  /** Starts a turn of it if one is due; returns when to look again. */
  #beside(worker: Beside, now: Milliseconds, all: boolean): number {
    if (this.#busy.has(worker)) return Infinity
    const due = worker.due(all)
    if (due > now) return due
    this.#busy.add(worker)
    void worker
      .turn(all)
      .catch((error: unknown) => (this.#bug ??= { error }))
      .finally(() => {
        this.#busy.delete(worker)
        this.bell.ring()
      })
    return Infinity
  }

  #look(): void {
    const { watch, disk } = this.options
    void watch
      .look(disk, this.#world.reserve, this.say)
      .then(() => {
        const { level, freeBytes = Infinity } = watch.room
        const { reserve } = this.#world
        // The others, who don't write rows and need the manifest, need room as well.
        const isNeeded = level === 'none' && freeBytes < reserve.bytes
        return isNeeded || reserve.bytes === 0 ? reserve.release() : undefined
      })
      .catch((error: unknown) => {
        // A reserve that the disk does not let go of is asked for again at the next look.
        if (!(error instanceof OperatingError)) this.#bug ??= { error }
      })
      .finally(this.bell.ring)
  }

  #startTurn(working: Working, what: { write: boolean; all: boolean }): void {
    working.busySince = this.options.clock.monotonic()
    void working.series
      .turn(what)
      .catch((error: unknown) => (this.#bug ??= { error }))
      .finally(() => {
        working.busySince = undefined
        this.bell.ring()
      })
  }

  #sayWhetherBlocked(waits: Waits | undefined): void {
    if (waits !== undefined && waits.cause !== this.#blockedBy) this.say({ type: 'writer.blocked', why: waits.why })
    if (waits === undefined && this.#blockedBy !== undefined) this.say({ type: 'writer.resumed' })
    this.#blockedBy = waits?.cause
  }

  #whatWaits(now: Milliseconds): Waits | undefined {
    for (const [path, { series, busySince }] of this.#working) {
      if (series.waits !== undefined) return series.waits
      if (busySince !== undefined && now >= busySince + answersWithin) {
        const why = `${path} waits: the disk has not answered for ${answersWithin / 1000} s`
        return { cause: `${path} no answer`, why }
      }
    }
    const why = this.#packer?.why
    return why === undefined ? undefined : { cause: 'packing', why: `sealed files wait to be packed: ${why}` }
  }
}

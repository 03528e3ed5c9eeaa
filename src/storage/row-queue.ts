import { csvColumns, type CsvFolder, type CsvRequest } from '../domain/csv-row.ts'
import type { CameraId } from '../domain/ids.ts'
import { type RefuseCause, RowAccount, type RowCounts } from '../domain/row-account.ts'
import type { RowSink } from '../ports/row-sink.ts'
import { QueuePlaces } from './queue-places.ts'
import { WriterLedger } from './writer-ledger.ts'

/** One camera's files in one folder, one after the other: `dock-1/model`. */
export type SeriesPath = `${CameraId}/${CsvFolder}`

type SeriesOf = Pick<CsvRequest, 'cameraId' | 'folder'>

const pathOf = ({ cameraId, folder }: SeriesOf): SeriesPath => `${cameraId}/${folder}`

const nobody: ReadonlySet<SeriesPath> = new Set()

/** Requests, counted since the start. */
export interface RequestCounts {
  /** Taken into the queue; what was refused is not in it. */
  readonly queued: number
  /** Accepted: on disk for good. */
  readonly written: number
  /** Taken, and then lost for good because their file could not be kept. */
  readonly failed: number
  /** In the queue, or in the writer's hands and not accepted yet. */
  readonly waiting: number
}

/**
 * What stands between the cameras and the writer: at most `bound` requests, with a share kept for each of the known series.
 *
 * A request stays in the queue until it is accepted, so that a writer that fails loses none: the next incarnation finds
 * it where it was.
 */
export class RowQueue implements RowSink {
  readonly ledger = new WriterLedger()
  /** Called when the writer may have something to do: a series has its first request, or half of what it may have. */
  onWork: () => void = () => undefined
  /** Called for each request that is refused, after it was counted. */
  onRefused: (request: CsvRequest, cause: RefuseCause) => void = () => undefined
  /** Called when rows of a camera are lost for good, refused or failed, after they were counted. */
  onLost: (cameraId: CameraId) => void = () => undefined
  /** Called for requests of one series that are on disk for good, after they were counted: those of one commit, in order. */
  onAccepted: (path: SeriesPath, requests: readonly CsvRequest[]) => void = () => undefined
  readonly #series = new Map<SeriesPath, CsvRequest[]>()
  readonly #accounts = new Map<CameraId, RowAccount>()
  readonly #waiters = new Map<() => void, SeriesPath>()
  #open = false
  /** Places promised to waiters that were let in just now and have not appended yet. */
  readonly #promised = new Map<SeriesPath, number>()
  #lapsing = false
  #queued = 0
  #written = 0
  #failed = 0

  readonly #places: QueuePlaces

  constructor(
    readonly bound = 200,
    /** The series that a share is kept for, now; the same set for as long as they are the same. */
    known: () => ReadonlySet<SeriesPath> = () => nobody,
  ) {
    this.#places = new QueuePlaces(bound, known)
  }

  /** A writer is at work. */
  open(): void {
    this.#open = true
    this.#letWaitersIn()
  }

  /** No writer is at work: appends are refused, what is queued stays. */
  close(): void {
    this.#open = false
  }

  append(request: CsvRequest): boolean {
    const { cameraId, rows } = request
    checkShape(request)
    const account = this.#account(cameraId)
    account.produced(rows.length)
    const path = pathOf(request)
    const promised = this.#promised.get(path) ?? 0
    if (promised > 0) this.#promised.set(path, promised - 1)
    const { own, common } = this.#places.left(path)
    const refused: RefuseCause | undefined = !this.#open ? 'writer-down' : own + common === 0 ? 'queue-full' : undefined
    if (refused !== undefined) {
      account.refused(refused, rows.length)
      this.onRefused(request, refused)
      this.onLost(cameraId)
      return false
    }
    const waiting = this.#series.get(path) ?? []
    this.#series.set(path, waiting)
    waiting.push(request)
    this.#places.take(path, 1)
    this.#queued++
    if (waiting.length === 1 || this.isHalfFull(path)) this.onWork()
    return true
  }

  async room(request: SeriesOf, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const path = pathOf(request)
    if (this.#hasRoom(path)) return this.#promise(path)
    await new Promise<void>((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiters.delete(enter)
        reject(signal.reason as Error)
      }
      this.#waiters.set(enter, path)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** Series that have requests waiting. */
  get waiting(): Iterable<SeriesPath> {
    return this.#series.keys()
  }

  /** The requests of one series, the oldest first; they stay in the queue. */
  peek(path: SeriesPath): readonly CsvRequest[] {
    return this.#series.get(path) ?? []
  }

  /** The oldest `count` requests of a series are on disk for good. */
  accept(path: SeriesPath, count: number): void {
    this.#written += count
    const requests = this.#take(path, count)
    for (const { cameraId, rows } of requests) this.#account(cameraId).accepted(rows.length)
    this.onAccepted(path, requests)
  }

  /** The oldest `count` requests of a series are given up. */
  fail(path: SeriesPath, count: number): void {
    this.#failed += count
    for (const { cameraId, rows } of this.#take(path, count)) {
      this.#account(cameraId).failed(rows.length)
      this.onLost(cameraId)
    }
  }

  /** Whether a series has half of what it may have. */
  isHalfFull(path: SeriesPath): boolean {
    const { own, common } = this.#places.left(path)
    return this.peek(path).length >= own + common
  }

  get requests(): RequestCounts {
    return { queued: this.#queued, written: this.#written, failed: this.#failed, waiting: this.#places.taken }
  }

  /** Rows of one camera. */
  rows(cameraId: CameraId): RowCounts {
    return this.#account(cameraId).counts
  }

  /** A tenth of the queue is left to the cameras that cannot wait, or one that can would keep it full to the brim. */
  #hasRoom(path: SeriesPath): boolean {
    if (!this.#open) return false
    for (const [other, count] of this.#promised) this.#places.take(other, count)
    const { own, common } = this.#places.left(path)
    for (const [other, count] of this.#promised) this.#places.take(other, -count)
    return own > 0 || common > Math.floor(this.bound / 10)
  }

  #letWaitersIn(): void {
    for (const [enter, path] of this.#waiters) {
      if (!this.#hasRoom(path)) continue
      this.#waiters.delete(enter)
      this.#promise(path)
      enter()
    }
  }

  /**
   * Whoever is let in finds its place if it appends at once, however many others were let in beside it. A promise lapses
   * after a few turns: one that was let in may have been stopped meanwhile.
   */
  #promise(path: SeriesPath): void {
    this.#promised.set(path, (this.#promised.get(path) ?? 0) + 1)
    if (this.#lapsing) return
    this.#lapsing = true
    void this.#lapse()
  }

  async #lapse(): Promise<void> {
    for (let turn = 0; turn < 16; turn++) await Promise.resolve()
    this.#lapsing = false
    this.#promised.clear()
    this.#letWaitersIn()
  }

  #take(path: SeriesPath, count: number): CsvRequest[] {
    const waiting = this.#series.get(path) ?? []
    if (waiting.length < count) throw new RangeError(`${path} has ${waiting.length} requests waiting, not ${count}`)
    const taken = waiting.splice(0, count)
    if (waiting.length === 0) this.#series.delete(path)
    this.#places.take(path, -count)
    this.#letWaitersIn()
    return taken
  }

  #account(cameraId: CameraId): RowAccount {
    const account = this.#accounts.get(cameraId) ?? new RowAccount()
    this.#accounts.set(cameraId, account)
    return account
  }
}

/** The start scan takes a row that looks otherwise for a torn one, so none is taken in. */
function checkShape({ cameraId, folder, rows }: CsvRequest): void {
  const columns = csvColumns[folder].length
  const fits = rows.every((row) => row.length === columns && Number.isInteger(row[0]) && row[1] === cameraId)
  if (rows.length === 0 || !fits) {
    throw new RangeError(`A request of ${cameraId}/${folder} needs rows of ${columns} cells: boot, camera, …`)
  }
}

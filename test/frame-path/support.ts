import { cameraId } from '../../src/domain/ids.ts'
import type { Inspection } from '../../src/domain/inspection.ts'
import type { CsvRequest } from '../../src/domain/csv-row.ts'
import { CameraLane } from '../../src/frame-path/camera-lane.ts'
import { CameraLedger } from '../../src/frame-path/camera-ledger.ts'
import type { LaneOptions } from '../../src/frame-path/lane-options.ts'
import type { InspectionRecorder } from '../../src/frame-path/record-inspection.ts'
import type { FrameSlot } from '../../src/ports/frame-sink.ts'
import type { RowSink } from '../../src/ports/row-sink.ts'
import { VirtualClock } from '../fakes/virtual-clock.ts'

/** A writer's queue with room for so many requests as the test says. */
export class FakeRowSink implements RowSink {
  readonly accepted: CsvRequest[] = []
  refused = 0
  #room = Infinity
  readonly #waiters = new Set<() => void>()

  append(request: CsvRequest): boolean {
    if (this.#room === 0) {
      this.refused++
      return false
    }
    this.#room--
    this.accepted.push(request)
    return true
  }

  async room(_request: Pick<CsvRequest, 'cameraId' | 'folder'>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#room > 0) return
    await new Promise<void>((resolve, reject) => {
      this.#waiters.add(resolve)
      signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
  }

  /** Tells all who wait, as a queue does. */
  makeRoom(requests: number): void {
    this.#room = requests
    for (const wake of this.#waiters) wake()
    this.#waiters.clear()
  }

  /** The frame number of each accepted request. */
  get frames(): unknown[] {
    return this.accepted.map(({ rows }) => rows[0]?.[3])
  }
}

/** Keeps what it is given to record, and holds lossless cameras back while told to. */
export class FakeRecorder implements InspectionRecorder {
  readonly inspections: Inspection[] = []
  readonly held: (() => void)[] = []
  holding = false

  record(inspection: Inspection): void {
    this.inspections.push(inspection)
  }

  async recordWhenRoom(inspection: Inspection, signal: AbortSignal): Promise<void> {
    if (this.holding) {
      await new Promise<void>((resolve) => {
        this.held.push(resolve)
        signal.addEventListener('abort', () => resolve())
      })
    }
    this.inspections.push(inspection)
  }

  get frames(): number[] {
    return this.inspections.map(({ frame }) => frame.number)
  }
}

export const sourceSize = { width: 8, height: 4 }

/** A lane of 4x2 pictures with one detector, streaming in its first epoch unless told otherwise. */
export function startLane(
  options: Partial<LaneOptions> & { readonly id?: string; readonly begun?: boolean; readonly epoch?: number } = {},
) {
  const clock = options.clock instanceof VirtualClock ? options.clock : new VirtualClock()
  const recorder = new FakeRecorder()
  const ledger = options.ledger ?? new CameraLedger()
  const lane = new CameraLane({
    cameraId: cameraId(options.id ?? 'dock-1'),
    size: { width: 4, height: 2 },
    fit: 'letterbox',
    policy: 'latest',
    models: [{ model: 'bolts', scoreThreshold: 0.5, iouThreshold: 0.5 }],
    frames: 1,
    workers: 2,
    recorder,
    ...options,
    ledger,
    clock,
  })
  lane.beginEpoch(options.epoch ?? 1)
  if (options.begun !== false) lane.beginStream(sourceSize)
  /** One picture, each byte `fill`; false if there was no slot for it. */
  const capture = (fill = 0): boolean => {
    const slot = lane.reserve()
    if (slot === undefined) {
      lane.missed(clock.now())
      return false
    }
    fillSlot(slot, fill)
    lane.commit(slot, clock.now())
    return true
  }
  return { lane, ledger, clock, recorder, capture }
}

export const fillSlot = (slot: FrameSlot, fill: number): void => void slot.bytes.fill(fill)

export const nothingDropped = { superseded: 0, 'no-slot': 0, 'no-predecessor': 0, unchanged: 0, stopped: 0 }
export const nothingFailed = { timeout: 0, 'inference-error': 0, 'worker-died': 0, 'cut-off': 0 }

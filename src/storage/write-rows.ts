import type { Backoff } from '../domain/backoff.ts'
import type { BootNumber, CameraId } from '../domain/ids.ts'
import type { Milliseconds } from '../domain/units.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disk } from '../ports/disk.ts'
import type { Gzip } from '../ports/gzip.ts'
import type { Manifest } from '../ports/manifest.ts'
import type { Random } from '../ports/random.ts'
import { Bell } from './bell.ts'
import { CsvWriter } from './csv-writer.ts'
import type { DiskWatch } from './disk-watch.ts'
import type { PackPlan } from './pack-plan.ts'
import type { Rotation } from './rotation.ts'
import type { RowQueue } from './row-queue.ts'
import type { ScanReport } from './scan-report.ts'
import type { WriterEvent } from './writer-event.ts'

export interface WriterDrained {
  readonly drained: true
}

export interface WriteRowsOptions {
  readonly disk: Disk
  readonly queue: RowQueue
  readonly manifest: Manifest
  readonly clock: Clock
  readonly random: Random
  readonly boot: BootNumber
  readonly rotation: Rotation
  /** Requests that come within this time of one commit share the next one; 0: none waits for another. */
  readonly commitEvery: Milliseconds
  /** What sealed files are packed into before they are sent; `undefined`: nothing. */
  readonly pack: PackPlan | undefined
  readonly gzip: Gzip
  /** What the scan could not read; it is looked at again. */
  readonly unread: ScanReport['unread']
  /** Of a file that is sealed now, or taken in. */
  readonly priorityOf: (cameraId: CameraId) => number
  /** Whether there is room for rows. */
  readonly watch: DiskWatch
  /** Room that is kept to seal and to stop with; 0: none. */
  readonly reserveBytes: number
  /** The waits between tries of what failed. */
  readonly retry: Backoff
  /** Let go of everything, now. What was not accepted stays in the queue. */
  readonly signal: AbortSignal
  /** Write what is queued, seal everything, end. */
  readonly finish: AbortSignal
}

/**
 * The CSV writer: takes rows from the queue, opens it for them, and tells what becomes of files.
 *
 * A request is accepted when its bytes and the name of its file are durable. Series (a camera's folder) don't wait for
 * one another. Before this, `scanDataFolder` must have mended what an earlier writer left, in this process or another.
 *
 * @throws {signal.reason}
 */
export async function* writeRows(options: WriteRowsOptions): AsyncGenerator<WriterEvent, WriterDrained> {
  const { queue, clock, signal, finish } = options
  const tenure = await queue.ledger.takeOver(options.disk, signal)
  const bell = new Bell(clock)
  const events: WriterEvent[] = []
  const writer = new CsvWriter({ ...options, disk: tenure.disk }, bell, (event) => events.push(event))
  const stop = (): void => {
    queue.close()
    bell.ring()
  }
  const hurry = (): void => {
    queue.close()
    writer.hurry()
    bell.ring()
  }
  signal.addEventListener('abort', stop, { once: true })
  finish.addEventListener('abort', hurry, { once: true })
  queue.onWork = bell.ring
  if (!finish.aborted) queue.open()
  try {
    for (;;) {
      signal.throwIfAborted()
      const wakeAt = writer.step(finish.aborted)
      for (let event = events.shift(); event !== undefined; event = events.shift()) yield event
      if (wakeAt === undefined) return { drained: true }
      await bell.wait(wakeAt)
    }
  } finally {
    signal.removeEventListener('abort', stop)
    finish.removeEventListener('abort', hurry)
    // After an abort the queue may be another incarnation's already; it was closed when the signal came.
    if (!signal.aborted) queue.close()
    tenure.end()
  }
}

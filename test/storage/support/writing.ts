import { createGzip } from 'node:zlib'
import type { Backoff } from '../../../src/domain/backoff.ts'
import { csvRequest, type CsvRequest } from '../../../src/domain/csv-row.ts'
import { type CameraId, cameraId } from '../../../src/domain/ids.ts'
import type { Detection } from '../../../src/domain/inspection.ts'
import { milliseconds, minutes } from '../../../src/domain/units.ts'
import { type DiskMarks, DiskWatch } from '../../../src/storage/disk-watch.ts'
import type { Rotation } from '../../../src/storage/rotation.ts'
import { RowQueue, type SeriesPath } from '../../../src/storage/row-queue.ts'
import type { ScanReport } from '../../../src/storage/scan-report.ts'
import { scanDataFolder } from '../../../src/storage/start-scan.ts'
import type { WriterEvent } from '../../../src/storage/writer-event.ts'
import { writeRows } from '../../../src/storage/write-rows.ts'
import type { WriteRowsOptions } from '../../../src/storage/write-rows-options.ts'
import { MemoryDisk } from '../../fakes/memory-disk.ts'
import type { Survives } from '../../fakes/memory-inodes.ts'
import { MemoryManifest } from '../../fakes/memory-manifest.ts'
import { settle, VirtualClock } from '../../fakes/virtual-clock.ts'

/** Nothing rotates by itself. */
export const never: Rotation = {
  everyRequest: false,
  rows: Infinity,
  bytes: Infinity,
  interval: milliseconds(Infinity),
}

/** 100 ms, doubling to 1 s, no jitter. */
export const retry: Backoff = { initial: milliseconds(100), factor: 2, max: milliseconds(1000), jitter: 0 }

export const header = 'boot,camera,epoch,frame,detection,captured_at,model,label,score,x_px,y_px,width_px,height_px\n'

/** The name of a file of `dock-1` and boot 1 that is opened so many ms (below a minute) after the virtual clock's start. */
export const fileName = (sequence: number, camera = 'dock-1', openedMs = 0): string =>
  `${camera}_model_20260101T0000${String(openedMs).padStart(5, '0')}Z_1-${String(sequence).padStart(6, '0')}.csv`

/** The rows of one frame, `frame` being what tells them apart. */
export function request(frame: number, count = 1, camera = 'dock-1', boot = 1): CsvRequest {
  const box: Detection = { label: 'particle', score: 0.5, x: 1, y: 2, width: 3, height: 4 }
  const clock = new VirtualClock()
  return csvRequest(
    boot,
    { cameraId: cameraId(camera), epoch: 1, number: frame, capturedAt: clock.now() },
    { kind: 'detect', model: 'm', detections: Array.from({ length: count }, () => box) },
  )
}

/** The line of a detection of `request(frame)` as it stands in the file. */
export const line = (frame: number, detection = 1, camera = 'dock-1'): string =>
  `1,${camera},1,${frame},${detection},2026-01-01T00:00:00.000Z,m,particle,0.5,1,2,3,4\n`

export const lines = (...frames: number[]): string => frames.map((frame) => line(frame)).join('')

/** One incarnation of the writer at work. */
export interface Incarnation {
  readonly events: WriterEvent[]
  readonly stop: AbortController
  readonly finish: AbortController
  /** How it ended, once it has: its output, or what it threw. */
  ended: { output: unknown } | { error: unknown } | undefined
}

/** 6 for `dock-1`. */
export const priorityOf = (cameraId: CameraId): number => cameraId.length
interface WritingOptions extends Partial<Pick<WriteRowsOptions, 'rotation' | 'commitEvery' | 'reserveBytes' | 'pack'>> {
  /** Of the queue. */
  readonly bound?: number
  /** Cameras whose `model` series the queue keeps a share for. */
  readonly cameras?: readonly string[]
  readonly marks?: Partial<DiskMarks>
}

export class Writing {
  readonly clock = new VirtualClock()
  readonly manifest = new MemoryManifest()
  readonly watch: DiskWatch
  queue: RowQueue

  constructor(
    readonly disk = new MemoryDisk(),
    private readonly options: WritingOptions = {},
  ) {
    this.queue = this.#newQueue()
    this.watch = new DiskWatch({ warnBelow: 0, pauseBelow: 0, ...options.marks }, this.clock)
  }

  #newQueue(): RowQueue {
    const known = new Set((this.options.cameras ?? []).map((id): SeriesPath => `${cameraId(id)}/model`))
    return new RowQueue(this.options.bound, () => known)
  }

  scan(signal = new AbortController().signal): Promise<ScanReport> {
    const { disk, manifest, clock, queue } = this
    return scanDataFolder({ disk, manifest, clock, queue, priorityOf, signal, pack: this.options.pack })
  }

  /** Scans, then writes. */
  start(boot = 1): Incarnation {
    const stop = new AbortController()
    const finish = new AbortController()
    const incarnation: Incarnation = { events: [], stop, finish, ended: undefined }
    const work = async (): Promise<unknown> => {
      const { unread } = await this.scan(stop.signal)
      const { disk, manifest, clock, queue, watch } = this
      const options = {
        rotation: never,
        commitEvery: milliseconds(0),
        reserveBytes: 0,
        pack: undefined,
        gzip: createGzip,
        unread,
        ...this.options,
      }
      const running = writeRows({
        ...{ disk, manifest, clock, queue, watch, boot, retry, priorityOf, random: () => 0 },
        ...{ ...options, signal: stop.signal, finish: finish.signal },
      })
      for (;;) {
        const next = await running.next()
        if (next.done === true) return next.value
        incarnation.events.push(next.value)
      }
    }
    void work().then(
      (output) => (incarnation.ended = { output }),
      (error: unknown) => (incarnation.ended = { error }),
    )
    return incarnation
  }

  async started(boot = 1): Promise<Incarnation> {
    const incarnation = this.start(boot)
    await this.settled()
    return incarnation
  }

  /** Appends and lets the writer do what it can without time. */
  async append(...requests: CsvRequest[]): Promise<void> {
    for (const each of requests) if (!this.queue.append(each)) throw new Error('the queue refused')
    await this.settled()
  }

  /** Lets happen what needs no time: until the disk has no more calls. */
  async settled(): Promise<void> {
    for (let calls = -1; calls !== this.disk.calls.length;) {
      calls = this.disk.calls.length
      await settle(60)
    }
  }

  async pass(ms: number): Promise<void> {
    const until = this.clock.monotonic() + ms
    await this.settled()
    while (this.clock.fireNext(until)) await this.settled()
    await this.clock.advanceAsync(until - this.clock.monotonic())
    await this.settled()
  }

  /** As `finish`, for long enough that every retry has its turn. */
  async finished(incarnation: Incarnation): Promise<void> {
    incarnation.finish.abort()
    await this.pass(minutes(1))
  }

  /** The process is killed; the machine stays up, and a new process finds the disk as it was. */
  killed(): void {
    this.disk.onCall = () => undefined
    this.queue = this.#newQueue()
  }

  /** The power goes and comes back: a new process on what is left of the disk. */
  restart(survives?: Survives): void {
    this.disk.crash(survives)
    this.killed()
  }

  /** What is in sealed files that the manifest knows. */
  sealedFiles(): string[] {
    return Object.entries(this.disk.files())
      .filter(([path]) => this.manifest.file(path) !== undefined)
      .map(([, content]) => content)
  }

  /** The same line by line, headers left out. */
  sealedLines(): string[] {
    return this.sealedFiles().flatMap((content) => content.split(/(?<=\n)/).slice(1))
  }
}
